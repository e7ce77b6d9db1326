import * as z from 'zod/mini';
import { ChatError } from '../../ports/chat.ts';
import type { Clock } from '../../ports/world.ts';
import type { CallSlack } from './call.ts';
import { readAllPages } from './pages.ts';

/** Channels by what the configuration calls them, and membership. */
export type Channels = {
  /** The id of a channel given by id, `name` or `#name`. */
  readonly find: (channel: string) => Promise<string>;
  /** What `post` learned: saves the listing. */
  readonly learn: (channel: string, id: string) => void;
  /** Runs `act`; when the bot is not in the channel, joins it once and runs `act` again. Slack refused the first, so nothing is sent twice. */
  readonly asMember: <T>(channel: string, act: () => Promise<T>) => Promise<T>;
};

/** Names are lower case, ids are not. `U` and `D` are people and direct messages, which may stand where a channel may. */
const CHANNEL_ID = /^[CGDUW][A-Z0-9]+$/;

/** A channel may be renamed and another may take its name. */
const REMEMBER_MS = 10 * 60_000;

const PAGE = z.object({
  channels: z.array(z.object({ id: z.string(), name: z.optional(z.string()) })),
});

export const createChannels = (call: CallSlack, clock: Clock): Channels => {
  const known = new Map<string, { readonly id: string; readonly untilMs: number }>();
  const learn = (channel: string, id: string): void => {
    if (!CHANNEL_ID.test(channel)) known.set(bareName(channel), { id, untilMs: clock.nowMs() + REMEMBER_MS });
  };
  const find = async (channel: string): Promise<string> => {
    if (CHANNEL_ID.test(channel)) return channel;
    const remembered = known.get(bareName(channel));
    if (remembered !== undefined && remembered.untilMs > clock.nowMs()) return remembered.id;
    const id = await lookUp(call, bareName(channel));
    learn(channel, id);
    return id;
  };
  const asMember = async <T>(channel: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ChatError) || error.failure !== 'not-in-channel') throw error;
      await join(call, await find(channel), channel);
      return act();
    }
  };
  return { find, learn, asMember };
};

const bareName = (channel: string): string => channel.replace(/^#/, '');

const lookUp = async (call: CallSlack, name: string): Promise<string> => {
  const list = (types: string) => readAllPages(call, 'conversations.list', { types, exclude_archived: true }, PAGE);
  // Private channels need a scope (groups:read) that is optional in the manifest.
  const pages = await list('public_channel,private_channel').catch((error: unknown) => {
    if (error instanceof ChatError && error.failure === 'no-permission') return list('public_channel');
    throw error;
  });
  const found = pages.flatMap((page) => page.channels).find((channel) => channel.name === name);
  if (found !== undefined) return found.id;
  throw new ChatError(
    'no-channel',
    `Slack shows the bot no channel named ${name}: if it is private, somebody must type /invite for the bot there.`,
  );
};

const join = async (call: CallSlack, id: string, channel: string): Promise<void> => {
  try {
    await call('conversations.join', { channel: id }, z.object({}));
  } catch (error) {
    // Only an answer says that joining is impossible; a lost connection says nothing about the channel.
    if (!(error instanceof ChatError) || !isAnswer(error)) throw error;
    throw new ChatError(
      'not-in-channel',
      `The bot is not in ${channel} and may not join it: somebody must type /invite for the bot there.`,
    );
  }
};

const isAnswer = (error: ChatError): boolean => {
  switch (error.failure) {
    case 'rate-limited':
    case 'unavailable':
    case 'ambiguous':
      return false;
    case 'no-channel':
    case 'not-in-channel':
    case 'no-message':
    case 'no-permission':
    case 'bad-message':
      return true;
  }
};
