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
const whisperSchema = z.object({ ts: z.string(), channel: z.string(), text: z.string() });
const stateSchema = z.object({ ephemerals: z.array(whisperSchema) });

export type ShownMessage = z.output<typeof messageSchema>;

/** Who is on call in the embedded Slack. */
const PERSON = 'U0MAYA';

/** As the embedded Slack names it. */
const channelId = (name: string): string => `C0${name.toUpperCase()}`;

export type SlackConsole = {
  /** Every message of the channel outside of threads. */
  readonly roots: (channel: string) => Promise<readonly ShownMessage[]>;
  /** Every message in the thread, without its root. */
  readonly thread: (channel: string, ts: string) => Promise<readonly ShownMessage[]>;
  /** What the person who presses was told alone, in this channel. */
  readonly whispers: (channel: string) => Promise<readonly string[]>;
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
    whispers: async (channel) => {
      const seen = stateSchema.parse(await (await fetch(`${url}/console/state?user=${PERSON}&limit=1`)).json());
      return seen.ephemerals.filter((whisper) => whisper.channel === channelId(channel)).map(({ text }) => text);
    },
    click: async (channel, ts, actionId) => {
      const order = { user: PERSON, channel: channelId(channel), ts, action_id: actionId };
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

/** How often the person was asked to press once more, because the press was not stored or Slack did not say who pressed. */
const countRequests = async (slack: SlackConsole, channel: string): Promise<number> =>
  (await slack.whispers(channel)).filter((text) => /press again/.test(text)).length;

/** True when Slack says that the press arrived. Some press twice, the second time before the first is answered. */
const pressOnce = async (slack: SlackConsole, { channel, actionId, twice }: Press, ts: string): Promise<boolean> => {
  const first = slack.click(channel, ts, actionId);
  if (!twice) return first;
  // A moment later: two presses of the same millisecond would be one.
  const second = pause(3).then(() => slack.click(channel, ts, actionId));
  return (await Promise.all([first, second])).includes(true);
};

/**
 * What a person does: waits for the button, presses it, again while Slack says that it did not arrive or the bot asks for it, and is
 * content when the button is gone. A press that was taken in silence is not repeated: losing it would show. False when `signal` ended
 * the tries.
 */
export const pressUntilShown = async (slack: SlackConsole, press: Press, signal: AbortSignal): Promise<boolean> => {
  let isTaken = false;
  let requests = 0;
  for (let tries = 0; !signal.aborted; ) {
    const shown = (await slack.roots(press.channel)).find((message) => hasButton(message, press.actionId));
    if (shown === undefined && tries > 0) return true;
    if (shown !== undefined && !isTaken) {
      tries += 1;
      isTaken = await pressOnce(slack, press, shown.ts);
    }
    await pause(isTaken ? 800 : 150);
    const heard: number = isTaken ? await countRequests(slack, press.channel) : requests;
    isTaken &&= heard <= requests;
    requests = heard;
  }
  return false;
};
