import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildPreview } from '../../lib/local/preview.ts';
import { type Browser, hasChromium, mayBeMissing, openBrowser } from './browser.ts';

let browser: Browser;
let close: () => void;
beforeEach(async () => {
  browser = await openBrowser({ width: 360, height: 780 });
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(buildPreview()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  close = () => server.close();
  await browser.page.goto(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`);
  await browser.page.locator('#manifest\\.json').waitFor();
});
afterEach(async () => {
  close();
  await browser.close();
});

/** How many alert names are shown on more than one line. */
const BROKEN_NAMES = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let broken = 0;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    for (const { index, 0: name } of node.data.matchAll(/MistralAuthenticationFailure/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + name.length);
      if (node.parentElement.closest('.header') && range.getClientRects().length > 1) broken += 1;
    }
  return broken;
})()`;

// Where CI is true it fails instead.
const title = 'the preview in Chromium (skipped where neither CHROMIUM_BIN nor /usr/bin/chromium is one)';
describe.skipIf(!hasChromium && mayBeMissing)(title, () => {
  it('on a phone has an index, whole names and lock screen lines as a notification shows them', async () => {
    const { page } = browser;
    const samples = await page.locator('section.sample').evaluateAll((all) => all.map(({ id }) => id));
    const links = page.locator('nav a');
    const targets = await page.evaluate(
      `[...document.querySelectorAll('nav a')].map((one) => one.getAttribute('href'))`,
    );
    expect(targets).toEqual(samples.map((id) => `#${id}`));
    await links.filter({ hasText: 'postmortem.md' }).click();
    const top = await page.evaluate(`document.getElementById('postmortem.md').getBoundingClientRect().top`);
    expect(Math.abs(Number(top))).toBeLessThan(1);

    expect(await page.getByRole('heading', { name: 'MistralAuthenticationFailure' }).count()).toBeGreaterThan(5);
    expect(await page.evaluate(BROKEN_NAMES)).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);

    const lines = (await page.locator('.aside').allInnerTexts()).filter((line) => line.startsWith('Lock screen: '));
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => /[*`]|<[@!]/.test(line))).toEqual([]);
    expect(lines.join('\n')).toContain('@Maya');
    expect(browser.troubles()).toEqual([]);
  });
});
