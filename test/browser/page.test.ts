import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { Locator } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, hasChromium, mayBeMissing, openBrowser, type Size } from './browser.ts';
import { type QuickBot, startQuickBot } from './quick-bot.ts';
import { createSlackPage, type SlackPage } from './slack-page.ts';

const DESK: Size = { width: 1280, height: 900 };
const PHONE: Size = { width: 390, height: 844 };
const FOREIGN = 'evil.example';

let bot: QuickBot;
let browser: Browser;
let slack: SlackPage;

const open = async (size: Size, prefix: string, mapped?: string): Promise<void> => {
  browser = await openBrowser(size, mapped);
  slack = createSlackPage(browser.page, bot.url, prefix);
  await slack.open();
};

beforeEach(async () => {
  bot = await startQuickBot();
});
afterEach(async () => {
  await bot.stop();
  await browser.close();
});

/** A revoked key, an alert about it, and the diagnosis in the message, which came by itself. */
const openIncident = async (): Promise<void> => {
  await bot.breakMistral('revoked-key');
  expect(await bot.postAlert()).toBe(202);
  await slack.root().waitFor();
  await slack.shoot('incident');
  await slack.button(slack.root(), 'mitigation.rotate-key').waitFor();
};

const words = async (text: string): Promise<void> => slack.root().getByText(text).first().waitFor();
const gone = (actionId: string): Promise<void> => slack.button(slack.root(), actionId).waitFor({ state: 'detached' });

// Where CI is true it fails instead.
const title = 'the page in Chromium (skipped where neither CHROMIUM_BIN nor /usr/bin/chromium is one)';
describe.skipIf(!hasChromium && mayBeMissing)(title, () => {
  it.each([
    ['desk', DESK],
    ['phone', PHONE],
  ])('is all that a person needs to mend a revoked key (%s)', async (prefix, size) => {
    await open(size, prefix);
    await slack.shoot('quiet');
    await openIncident();
    await slack.shoot('diagnosed');
    expect(await slack.root().count()).toBe(1);
    // However tall the message: what it is about and the first button are in view.
    for (const part of [slack.root().locator('h3'), slack.button(slack.root(), 'incident.acknowledge')])
      expect(await isInView(part)).toBe(true);

    await slack.press(slack.root(), 'incident.acknowledge');
    await gone('incident.acknowledge');
    await words('Maya Ortiz');
    await slack.shoot('acknowledged');

    await slack.press(slack.root(), 'mitigation.rotate-key');
    await slack.shoot('asked-before-rotating');
    await slack.confirm();
    await gone('mitigation.rotate-key');
    await slack.button(slack.root(), 'mitigation.undo').waitFor();
    await words('The new key works');
    await slack.shoot('rotated');
    await words('Monitoring');
    await slack.shoot('monitoring');

    const panel = await slack.openThread(slack.root());
    await panel.getByText('Mistral does not accept our key').first().waitFor();
    await panel.getByText('The new key works').first().waitFor();
    await slack.shoot('thread');
    await slack.closeThread();

    await slack.press(slack.root(), 'mitigation.undo');
    await slack.shoot('asked-before-undoing');
    await slack.confirm();
    await gone('mitigation.undo');
    // The old key is the revoked one: the cause is back, and so is its cure.
    await slack.button(slack.root(), 'mitigation.rotate-key').waitFor();
    await slack.shoot('undone');

    await slack.press(slack.root(), 'incident.resolve');
    await slack.shoot('asked-before-resolving');
    await slack.confirm();
    await gone('incident.resolve');
    await slack.button(slack.root(), 'incident.reopen').waitFor();
    await words('Resolved');
    await slack.shoot('resolved');
    expect(await slack.root().count()).toBe(1);
    expect(browser.troubles()).toEqual([]);
  });

  it('tells Noah, who may not rotate keys, why, and tells nobody else', async () => {
    await open(DESK, 'noah');
    await openIncident();
    await slack.actAs('U0NOAH');
    await slack.press(slack.root(), 'mitigation.rotate-key');
    await slack.confirm();
    const refusal = browser.page.locator('article.ephemeral');
    await refusal.first().waitFor();
    expect(await refusal.first().innerText()).toMatch(
      /Only visible to you[\s\S]*not among the people who may run mitigations/,
    );
    await slack.shoot('refused');
    await slack.actAs('U0MAYA');
    await slack.button(slack.root(), 'mitigation.rotate-key').waitFor();
    expect(await refusal.count()).toBe(0);
    expect(await slack.button(slack.root(), 'mitigation.undo').count()).toBe(0);
    await slack.actAs('U0NOAH');
    await refusal.first().waitFor();
    expect(browser.troubles()).toEqual([]);
  });

  it.each([
    ['desk', DESK],
    ['phone', PHONE],
  ])('shows hostile text as text, and nothing in it runs (%s)', async (prefix, size) => {
    await open(size, `hostile-${prefix}`);
    const attack = `<script>window.hacked=1</script><img src=x onerror="window.hacked=1"> <!channel> <@U0MAYA> <https://${FOREIGN}|https://good.example> *bold* \u202Eevil\u202C`;
    const name = `${attack} ${'A very long title. '.repeat(280)}`;
    expect(name.length).toBeGreaterThan(5_000);
    expect(await bot.postAlert({ name, summary: attack, labels: { severity: 'critical', team: attack } })).toBe(202);
    await slack.root().waitFor();
    const shown = await slack.root().innerText();
    expect(shown).toContain('<script>window.hacked=1</script>');
    await slack.shoot('alert');

    await slack.say(`${attack} said by a person`);
    const said = slack.messages('said by a person');
    await said.waitFor();
    expect(await said.innerText()).toContain('<img src=x onerror="window.hacked=1">');
    await slack.say(`/mistral-triage declare ${attack}`);
    await browser.page.locator('article.ephemeral').first().waitFor();
    await slack.shoot('said');

    for (const message of [slack.root().first(), said]) {
      expect(await message.locator('script, img, iframe').count()).toBe(0);
      // The one link is ours, to the place the monitor itself names; none is made of a text.
      for (const link of await message.locator('a').all()) {
        expect([await link.innerText(), await link.getAttribute('href')]).toEqual([
          'open',
          expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
        ]);
      }
      const text = await message.innerText();
      // A mark that turns the reading direction is named where it stands.
      expect(text).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
    }
    const page = browser.page;
    expect(await page.evaluate(() => Object.hasOwn(globalThis, 'hacked'))).toBe(false);
    const overhang = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(Number(overhang)).toBeLessThanOrEqual(0);
    expect(browser.troubles()).toEqual([]);
  });

  it('answers a slash command to the person who typed it', async () => {
    await open(PHONE, 'command');
    await slack.say('/mistral-triage help');
    const answer = browser.page.locator('article.ephemeral').first();
    await answer.waitFor();
    expect(await answer.innerText()).toContain('/mistral-triage');
    await slack.shoot('help');
    expect(browser.troubles()).toEqual([]);
  });

  it.each([
    ['desk', DESK],
    ['phone', PHONE],
  ])('answers /mistral-triage with one message that fills, and again by its button (%s)', async (prefix, size) => {
    await open(size, `asked-${prefix}`);
    const answer = slack.messages(/asked by/i);
    await bot.breakMistral('slow 3');
    await slack.say('/mistral-triage');
    await answer.filter({ hasText: /Answered so far:[\s\S]* still to come/ }).waitFor();
    await slack.shoot('filling');
    await slack.button(answer, 'incident.triage').waitFor();
    await slack.shoot('filled');
    await bot.breakMistral('revoked-key');
    await slack.press(answer, 'incident.triage');
    await answer.filter({ hasText: 'does not accept our key' }).waitFor();
    await slack.shoot('asked-again');
    expect(await answer.count()).toBe(1);
    expect(browser.troubles()).toEqual([]);
  });

  it('is not for a foreign page, nor under a foreign name', async () => {
    await open(DESK, 'foreign', FOREIGN);
    await openIncident();
    const { port } = new URL(bot.url);
    // A name of somebody else that leads here: what an attacker's DNS would do.
    const rebound = await browser.page.goto(`http://${FOREIGN}:${port}/`);
    expect(rebound?.status()).toBe(403);

    const server = createServer((_, response) => response.end('<!doctype html><title>foreign</title>'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const foreignPort = typeof address === 'object' && address !== null ? address.port : 0;
    await browser.page.goto(`http://${FOREIGN}:${foreignPort}/`);
    const order = JSON.stringify({ user: 'U0NOAH', channel: 'incidents', text: 'written by a foreign page' });
    const tries = ['text/plain', 'application/json'].map((type) =>
      browser.page.evaluate(
        `fetch(${JSON.stringify(`${bot.url}/console/message`)}, { method: 'POST', mode: ${JSON.stringify(type === 'text/plain' ? 'no-cors' : 'cors')}, headers: { 'content-type': ${JSON.stringify(type)} }, body: ${JSON.stringify(order)} }).then((answer) => answer.type === 'opaque' ? 'opaque' : String(answer.status), () => 'refused')`,
      ),
    );
    expect(await Promise.all(tries)).toEqual(['opaque', 'refused']);
    server.closeAllConnections();
    server.close();

    expect(await rawPost({ host: `${FOREIGN}:${port}` }, order)).toBe(403);
    expect(await rawPost({ origin: `http://${FOREIGN}` }, order)).toBe(403);
    expect(await rawPost({ origin: 'null' }, order)).toBe(403);
    await slack.open();
    await slack.root().waitFor();
    expect(await slack.messages('written by a foreign page').count()).toBe(0);
    // The same order from here is taken, so it was not refused for its form.
    expect(await rawPost({}, order)).toBe(200);
    await slack.messages('written by a foreign page').waitFor();
  });

  it('comes back by itself after the bot was away, with what came meanwhile', async () => {
    await open(DESK, 'away');
    await bot.restart(async () => {
      await browser.page.locator('[data-testid="connection"][data-state="lost"]').waitFor();
      await slack.shoot('lost');
    });
    expect(await bot.postAlert()).toBe(202);
    await browser.page.locator('[data-testid="connection"][data-state="live"]').waitFor();
    await slack.root().waitFor();
    await slack.shoot('back');
  });
});

/** Not cut off by the bars above and below. */
const isInView = async (part: Locator): Promise<boolean> => {
  const [box, view] = [await part.boundingBox(), await browser.page.getByTestId('messages').boundingBox()];
  if (box === null || view === null) return false;
  return box.y >= view.y && box.y + box.height <= view.y + view.height;
};

/** `fetch` does not let one lie about the host. */
const rawPost = async (headers: Readonly<Record<string, string>>, body: string): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(`${bot.url}/console/message`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  sent.once('response', (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sent.once('error', reject);
  sent.end(body);
  return promise;
};
