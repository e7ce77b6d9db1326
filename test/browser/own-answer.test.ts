import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, hasChromium, mayBeMissing, openBrowser } from './browser.ts';
import { type QuickBot, startQuickBot } from './quick-bot.ts';
import { createSlackPage, type SlackPage } from './slack-page.ts';

let bot: QuickBot;
let browser: Browser;
let slack: SlackPage;
beforeEach(async () => {
  bot = await startQuickBot();
  browser = await openBrowser({ width: 390, height: 844 });
  slack = createSlackPage(browser.page, bot.url, 'own-answer');
  await slack.open();
});
afterEach(async () => {
  await bot.stop();
  await browser.close();
});

// Where CI is true it fails instead.
const title = 'who reads further up (skipped where neither CHROMIUM_BIN nor /usr/bin/chromium is one)';
describe.skipIf(!hasChromium && mayBeMissing)(title, () => {
  it('is shown the answer to an own command, and stays in place for what comes from others', async () => {
    const { page } = browser;
    const stream = page.getByTestId('messages');
    const goUp = async (): Promise<void> => {
      await page.evaluate(`document.getElementById('stream').scrollTop = 0`);
      await expect.poll(() => stream.evaluate((one) => one.scrollTop)).toBe(0);
    };
    for (const line of ['first', 'second', 'third']) {
      await slack.say(`${line}${'\nand more of it'.repeat(14)}`);
      await slack.messages(line).waitFor();
    }
    await goUp();
    expect(await bot.postAlert()).toBe(202);
    await slack.root().waitFor();
    expect(await stream.evaluate((one) => one.scrollTop)).toBe(0);
    expect(await page.getByRole('button', { name: 'New messages' }).isVisible()).toBe(true);

    await slack.say('/mistral-triage nonsense');
    const answer = page.locator('article.ephemeral').last();
    await answer.waitFor();
    await expect.poll(() => stream.evaluate((one) => one.scrollTop)).toBeGreaterThan(0);
    const [box, view] = [await answer.boundingBox(), await stream.boundingBox()];
    expect((box?.y ?? 0) >= (view?.y ?? 0) && (box?.y ?? 0) < (view?.y ?? 0) + (view?.height ?? 0)).toBe(true);
    expect(await page.getByRole('button', { name: 'New messages' }).isVisible()).toBe(false);
    expect(browser.troubles()).toEqual([]);
  });
});
