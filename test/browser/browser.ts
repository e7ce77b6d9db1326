import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';

export const hasChromium = existsSync(CHROMIUM);
/** Where CI is true a missing browser is a failure and no reason to skip. */
export const mayBeMissing = process.env['CI'] !== 'true';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** No click, text or message is waited for longer. */
const STEP_LIMIT_MS = 20_000;

export type Size = { readonly width: number; readonly height: number };

export type Browser = {
  readonly page: Page;
  /** What no page of ours may ever do: ask another host, open a dialog of the browser, throw, be refused by its own policy. */
  readonly troubles: () => readonly string[];
  readonly close: () => Promise<void>;
};

/** A browser with an empty profile. `mapped`: a host name that leads to this machine, for pages that pretend to be somebody else's. */
export const openBrowser = async (size: Size, mapped?: string): Promise<Browser> => {
  const profile = mkdtempSync(join(tmpdir(), 'triage-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport: size,
    deviceScaleFactor: size.width < 600 ? 2 : 1,
    hasTouch: size.width < 600,
    timezoneId: 'Europe/Paris',
    args: [...ARGS, ...(mapped === undefined ? [] : [`--host-resolver-rules=MAP ${mapped} 127.0.0.1`])],
  });
  context.setDefaultTimeout(STEP_LIMIT_MS);
  const page = context.pages()[0] ?? (await context.newPage());
  const troubles = listenForTrouble(context, page);
  return {
    page,
    troubles: () => troubles,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
};

const listenForTrouble = (context: BrowserContext, page: Page): readonly string[] => {
  const troubles: string[] = [];
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== 'data:' && hostname !== '127.0.0.1') troubles.push(`request to ${request.url()}`);
  });
  context.on('page', (opened) => troubles.push(`another page was opened: ${opened.url()}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(`console: ${message.text()}`);
  });
  return troubles;
};
