import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';

const messageSchema = z.object({
  ts: z.string(),
  text: z.string(),
  blocks: z.optional(z.array(z.record(z.string(), z.unknown()))),
  metadata: z.optional(z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.string()) })),
});
const pageSchema = z.object({
  ok: z.literal(true),
  messages: z.array(messageSchema),
  response_metadata: z.optional(z.object({ next_cursor: z.optional(z.string()) })),
});
const clickSchema = z.object({ ok: z.boolean() });

export type ShownMessage = z.output<typeof messageSchema>;

/** As the embedded Slack names it. */
const channelId = (name: string): string => `C0${name.toUpperCase()}`;

export type SlackConsole = {
  /** Every message of the channel outside of threads. */
  readonly roots: (channel: string) => Promise<readonly ShownMessage[]>;
  /** Every message in the thread, without its root. */
  readonly thread: (channel: string, ts: string) => Promise<readonly ShownMessage[]>;
  /** True when the bot has taken the click. */
  readonly click: (channel: string, ts: string, actionId: string) => Promise<boolean>;
};

/** The embedded Slack in its own process, read by the Web API and pressed by its console. */
export const openConsole = (url: string, token: string): SlackConsole => {
  const readAll = async (method: string, args: Readonly<Record<string, string>>): Promise<readonly ShownMessage[]> => {
    const all: ShownMessage[] = [];
    for (let cursor = ''; ; ) {
      const body = new URLSearchParams({ ...args, include_all_metadata: 'true', limit: '200', cursor });
      const init = { method: 'POST', headers: { authorization: `Bearer ${token}` }, body };
      const page = pageSchema.parse(await (await fetch(`${url}/api/${method}`, init)).json());
      all.push(...page.messages);
      cursor = page.response_metadata?.next_cursor ?? '';
      if (cursor === '') return all;
    }
  };
  return {
    roots: (channel) => readAll('conversations.history', { channel: channelId(channel) }),
    thread: async (channel, ts) =>
      (await readAll('conversations.replies', { channel: channelId(channel), ts })).filter((one) => one.ts !== ts),
    click: async (channel, ts, actionId) => {
      const order = { user: 'U0MAYA', channel: channelId(channel), ts, action_id: actionId };
      const answer = await fetch(`${url}/console/click`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order),
      });
      return clickSchema.parse(await answer.json()).ok;
    },
  };
};

const hasButton = (message: ShownMessage, actionId: string): boolean =>
  JSON.stringify(message.blocks ?? []).includes(`"action_id":"${actionId}"`);

export type Press = { readonly channel: string; readonly actionId: string; readonly twice: boolean };

/**
 * What a person does: waits for the button, presses it (some press twice at once), and again while Slack says that it did not arrive.
 * A button that is gone after such a try says that it did. False when `signal` ended the tries.
 */
export const pressUntilTaken = async (slack: SlackConsole, press: Press, signal: AbortSignal): Promise<boolean> => {
  for (let tries = 0; !signal.aborted; ) {
    const shown = (await slack.roots(press.channel)).find((message) => hasButton(message, press.actionId));
    if (shown === undefined && tries > 0) return true;
    if (shown !== undefined) {
      tries += 1;
      const once = (): Promise<boolean> => slack.click(press.channel, shown.ts, press.actionId);
      const taken = await Promise.all(press.twice ? [once(), once()] : [once()]);
      if (taken.includes(true)) return true;
    }
    await pause(150);
  }
  return false;
};
