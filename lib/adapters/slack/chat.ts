import * as z from 'zod/mini';
import type { ChatMessage, MessageMark } from '../../domain/message.ts';
import { type Chat, type ChatAccess, ChatError, type ChatPeople } from '../../ports/chat.ts';
import type { Clock } from '../../ports/world.ts';
import { type CallSlack, createCallSlack, type SlackAccess } from './call.ts';
import { type Channels, createChannels } from './channels.ts';
import { readAllPages } from './pages.ts';
import { createPeople } from './people.ts';

export type SlackChat = Chat &
  ChatPeople &
  ChatAccess & {
    /** Opens the connection, and asks who we are, which is needed once anyway. Throws `ChatError`. */
    readonly warmUp: () => Promise<void>;
  };

/** Slack through its Web API. One call per method of the port, but for joining, paging and names; it never retries. */
export const createSlackChat = (options: SlackAccess & { readonly clock: Clock }): SlackChat => {
  const call = createCallSlack(options);
  const channels = createChannels(call, options.clock);
  const readBotId = createReadBotId(call);
  return {
    ...createMessages({ call, channels, readBotId }),
    ...createPeople(call, channels),
    warmUp: async () => {
      await readBotId();
    },
    reach: (channel) => reachChannel(call, channels, channel),
  };
};

const CHANNEL = z.object({ channel: z.object({ is_member: z.optional(z.boolean()) }) });

const reachChannel = async (call: CallSlack, channels: Channels, channel: string): Promise<void> => {
  await call('auth.test', {}, z.object({}));
  const id = await channels.find(channel);
  await channels.asMember(channel, async () => {
    const info = await call('conversations.info', { channel: id }, CHANNEL);
    // A direct message has no such member.
    if (info.channel.is_member === false) throw new ChatError('not-in-channel', `The bot is not in ${channel}`);
  });
};

/** Text is written by us and escaped by the templates: Slack shall find no names, links or previews of its own in it. */
const AS_WRITTEN = { link_names: false, parse: 'none' } as const;

const POSTED = z.object({ channel: z.string(), ts: z.string() });

type Access = {
  readonly call: CallSlack;
  readonly channels: Channels;
  readonly readBotId: () => Promise<string>;
};

const createMessages = ({ call, channels, readBotId }: Access): Chat => ({
  post: async (to, message, mark) => {
    const args = { ...contentOf(message, mark), ...AS_WRITTEN, unfurl_links: false, unfurl_media: false };
    const thread = to.threadTs === null ? {} : { thread_ts: to.threadTs };
    const posted = await channels.asMember(to.channel, () =>
      call('chat.postMessage', { channel: to.channel, ...args, ...thread }, POSTED),
    );
    channels.learn(to.channel, posted.channel);
    return posted;
  },
  edit: async (at, message, mark) => {
    const channel = await channels.find(at.channel);
    const args = { channel, ts: at.ts, ...contentOf(message, mark), ...AS_WRITTEN };
    await channels.asMember(channel, () => call('chat.update', args, POSTED));
  },
  find: (where, mark) => findMarked({ call, channels, readBotId }, where, mark),
  remove: async (at) => {
    const channel = await channels.find(at.channel);
    const gone = whenFailed('no-message', undefined);
    await call('chat.delete', { channel, ts: at.ts }, z.object({})).catch(gone);
  },
});

const contentOf = (message: ChatMessage, mark: MessageMark) => ({
  text: message.text,
  blocks: message.blocks,
  metadata: { event_type: mark.eventType, event_payload: mark.payload },
});

/** Our clock and Slack's may differ by this much; a look too far back only finds the same message. */
const CLOCK_SKEW_MS = 5000;

const MARKED = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      bot_id: z.nullish(z.string()),
      metadata: z.optional(z.unknown()),
    }),
  ),
});

/** Read one by one: what another app put into a message must not hide ours. */
const METADATA = z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) });

const findMarked = async (
  { call, channels, readBotId }: Access,
  where: Parameters<Chat['find']>[0],
  mark: MessageMark,
): ReturnType<Chat['find']> => {
  const channel = await channels.find(where.channel);
  const oldest = (Math.max(0, where.sinceMs - CLOCK_SKEW_MS) / 1000).toFixed(6);
  const args = { channel, oldest, inclusive: true, include_all_metadata: true };
  const read = () =>
    where.threadTs === null
      ? readAllPages(call, 'conversations.history', args, MARKED)
      : // A thread whose root was deleted holds none of our messages.
        readAllPages(call, 'conversations.replies', { ...args, ts: where.threadTs }, MARKED).catch(
          whenFailed('no-message', []),
        );
  const pages = await channels.asMember(channel, read);
  // Replies always begin with the root, however old it is.
  const marked = pages
    .flatMap((page) => page.messages)
    .filter((found) => Number(found.ts) >= Number(oldest) && hasMark(found.metadata, mark));
  if (marked.length === 0) return [];
  const botId = await readBotId();
  return marked
    .filter((found) => found.bot_id === botId)
    .map((found) => ({ channel, ts: found.ts }))
    .sort((a, b) => Number(a.ts) - Number(b.ts));
};

const hasMark = (metadata: unknown, mark: MessageMark): boolean => {
  const read = z.safeParse(METADATA, metadata);
  if (!read.success || read.data.event_type !== mark.eventType) return false;
  return Object.entries(mark.payload).every(([name, value]) => read.data.event_payload[name] === value);
};

/** Any app may copy a mark, so the author counts too. Asked once: a token belongs to one bot for ever. */
const createReadBotId = (call: CallSlack): (() => Promise<string>) => {
  let known: string | null = null;
  return async () => {
    known ??= (await call('auth.test', {}, z.object({ bot_id: z.string() }))).bot_id;
    return known;
  };
};

const whenFailed =
  <T>(failure: ChatError['failure'], instead: T) =>
  (error: unknown): T => {
    if (error instanceof ChatError && error.failure === failure) return instead;
    throw error;
  };
