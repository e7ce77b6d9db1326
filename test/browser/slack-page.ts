import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { ROOT } from '../conformance/processes.ts';

const SHOTS = join(ROOT, 'test-output/browser');

/** What a person sees and does on the page of the embedded Slack. */
export type SlackPage = {
  readonly open: () => Promise<void>;
  /** The messages of the channel that hold this text, oldest first. */
  readonly messages: (text: string | RegExp) => Locator;
  /** The root message of the only incident. */
  readonly root: () => Locator;
  readonly button: (within: Locator, actionId: string) => Locator;
  /** Presses, and answers the button's question when it asks one. */
  readonly press: (within: Locator, actionId: string) => Promise<void>;
  readonly confirm: () => Promise<void>;
  readonly actAs: (user: string) => Promise<void>;
  readonly say: (text: string) => Promise<void>;
  readonly openThread: (root: Locator) => Promise<Locator>;
  readonly closeThread: () => Promise<void>;
  readonly shoot: (name: string) => Promise<void>;
};

export const createSlackPage = (page: Page, url: string, prefix: string): SlackPage => {
  mkdirSync(SHOTS, { recursive: true });
  const stream = page.getByTestId('messages');
  const messages = (text: string | RegExp): Locator => stream.locator('article').filter({ hasText: text });
  const button = (within: Locator, actionId: string): Locator => within.locator(`[data-action-id="${actionId}"]`);
  // On a phone only trouble is shown.
  const untilLive = (): Promise<void> =>
    page.locator('[data-testid="connection"][data-state="live"]').waitFor({ state: 'attached' });
  let shots = 0;
  return {
    open: async () => {
      await page.goto(`${url}/`);
      await untilLive();
    },
    messages,
    root: () => stream.locator('article').filter({ hasText: /INC-\d{6}-\w{8} · opened/ }),
    button,
    press: (within, actionId) => button(within, actionId).click(),
    confirm: async () => {
      await page.getByTestId('confirm-accept').click();
      await page.getByTestId('confirm-dialog').waitFor({ state: 'detached' });
    },
    actAs: async (user) => {
      await page.locator(`[data-testid="user-switch"] [data-user="${user}"]`).click();
      await page.locator(`[data-testid="user-switch"] [data-user="${user}"][aria-pressed="true"]`).waitFor();
      await untilLive();
    },
    say: async (text) => {
      await page.getByTestId('composer').fill(text);
      await page.getByTestId('composer-send').click();
    },
    openThread: async (root) => {
      await root.getByTestId('open-thread').click();
      const panel = page.getByTestId('thread-panel');
      await panel.waitFor();
      return panel;
    },
    closeThread: () => page.getByTestId('thread-close').click(),
    shoot: async (name) => {
      shots += 1;
      await page.screenshot({ path: join(SHOTS, `${prefix}-${String(shots).padStart(2, '0')}-${name}.png`) });
    },
  };
};
