import type { Content } from './content.ts';
import type { Session } from './session.ts';
import type { Message } from './state.ts';
import { parseTs } from './timestamp.ts';
import { WORKSPACE } from './workspace.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Every message of a thread or channel. */
export const WHOLE = {
  afterMicros: -1,
  beforeMicros: Number.MAX_SAFE_INTEGER,
  inclusive: true,
  limit: 10_000,
} as const;

export const isByBot = (message: Message): boolean => message.user === WORKSPACE.botUserId;

const rootOf = (session: Session, message: Message): Message | null =>
  message.threadTs === null ? null : session.state.messages.find(message.channel, parseTs(message.threadTs) ?? 0);

const threadFields = (session: Session, message: Message): Fields => {
  if (message.threadTs !== null) {
    return { thread_ts: message.threadTs, parent_user_id: rootOf(session, message)?.user };
  }
  const thread = session.state.messages.thread(message.channel, parseTs(message.ts) ?? 0);
  if (thread === null) return {};
  return {
    thread_ts: message.ts,
    reply_count: thread.count,
    reply_users: thread.users,
    reply_users_count: thread.users.length,
    latest_reply: thread.latestTs,
  };
};

/** A message as the Web API and the payloads of clicks carry it. */
export const toSlackMessage = (session: Session, message: Message, withMetadata: boolean): Fields => ({
  type: 'message',
  ...(message.subtype === null ? {} : { subtype: message.subtype }),
  user: message.user,
  text: message.text,
  ts: message.ts,
  team: WORKSPACE.teamId,
  ...(isByBot(message) ? { bot_id: WORKSPACE.botId, app_id: WORKSPACE.appId } : {}),
  ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
  ...threadFields(session, message),
  ...(message.editedTs === null ? {} : { edited: { user: message.user, ts: message.editedTs } }),
  ...(message.files.length > 0
    ? { files: message.files.map(({ bytes, ...file }) => ({ ...file, size: bytes, mode: 'hosted' })) }
    : {}),
  ...(message.reactions.length > 0
    ? { reactions: message.reactions.map((one) => ({ ...one, count: one.users.length })) }
    : {}),
  ...(message.isPinned ? { pinned_to: [message.channel] } : {}),
  ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
});

/** The same for the page, which also wants the channel and the revision. */
export const toPageMessage = (session: Session, message: Message): Fields => ({
  ...toSlackMessage(session, message, true),
  channel: message.channel,
  revision: message.revision,
});

/** The root shows how many answered, so it changes with every reply. */
const announceRoot = (session: Session, message: Message): void => {
  const root = rootOf(session, message);
  if (root !== null) session.live.publish({ kind: 'message', data: toPageMessage(session, root) });
};

const announce = (session: Session, message: Message): void => {
  session.live.publish({ kind: 'message', data: toPageMessage(session, message) });
  announceRoot(session, message);
};

export type Place = { readonly channel: string; readonly threadTs: string | null; readonly isBroadcast?: boolean };

export const postMessage = (
  session: Session,
  place: Place,
  author: string,
  content: Content & { readonly files?: Message['files'] },
): Message => {
  const message = session.state.messages.insert(
    {
      channel: place.channel,
      threadTs: place.threadTs,
      isBroadcast: place.isBroadcast === true && place.threadTs !== null,
      user: author,
      text: content.text ?? '',
      blocks: [...(content.blocks ?? [])],
      metadata: content.metadata ?? null,
      editedTs: null,
      subtype: null,
      files: content.files ?? [],
      reactions: [],
      isPinned: false,
    },
    session.clock.nowMs(),
  );
  announce(session, message);
  return message;
};

export const changeMessage = (session: Session, next: Message): Message => {
  const stored = session.state.messages.update(next);
  announce(session, stored);
  return stored;
};

/** A root with replies leaves a tombstone, so that its thread stays readable. */
export const removeMessage = (session: Session, message: Message): void => {
  if (session.state.messages.thread(message.channel, parseTs(message.ts) ?? 0) !== null) {
    changeMessage(session, {
      ...message,
      subtype: 'tombstone',
      text: 'This message was deleted.',
      user: 'USLACKBOT',
      blocks: [],
      metadata: null,
      files: [],
    });
    return;
  }
  session.state.messages.remove(message);
  session.live.publish({ kind: 'gone', data: { channel: message.channel, ts: message.ts } });
  announceRoot(session, message);
};
