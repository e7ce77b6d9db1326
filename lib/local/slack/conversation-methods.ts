import { type Refusal, refuse } from './answer.ts';
import { flagOf, textOf } from './arguments.ts';
import { isRefusal } from './content.ts';
import { toSlackMessage } from './messages.ts';
import { type Call, findChannel, type Method } from './method.ts';
import type { Channel, Message, Span } from './state.ts';
import { parseBound, parseTs } from './timestamp.ts';
import { EVERYBODY, PEOPLE, WORKSPACE } from './workspace.ts';

const toSlackChannel = (channel: Channel): Readonly<Record<string, unknown>> => ({
  id: channel.id,
  name: channel.name,
  name_normalized: channel.name,
  created: channel.createdSeconds,
  creator: PEOPLE[0]?.id,
  is_channel: !channel.isPrivate,
  is_group: channel.isPrivate,
  is_im: false,
  is_mpim: false,
  is_private: channel.isPrivate,
  is_archived: channel.isArchived,
  is_general: false,
  is_shared: false,
  is_member: channel.isMember,
  num_members: channel.isMember ? EVERYBODY.length : PEOPLE.length,
  topic: { value: '', creator: '', last_set: 0 },
  purpose: { value: '', creator: '', last_set: 0 },
});

const encodeCursor = (position: string): string => Buffer.from(`next:${position}`).toString('base64');

/** null: no cursor given. */
const readCursor = (call: Call): string | null | Refusal => {
  const given = textOf(call.args, 'cursor');
  if (given === '') return null;
  const plain = /^next:(\d+)$/.exec(Buffer.from(given, 'base64').toString('utf8'));
  return plain?.[1] ?? refuse('invalid_cursor');
};

const readLimit = (call: Call, otherwise: number): number | Refusal => {
  const given = textOf(call.args, 'limit');
  if (given === '') return otherwise;
  const limit = Number(given);
  return Number.isInteger(limit) && limit >= 1 && limit <= 1_000 ? limit : refuse('invalid_limit');
};

const list: Method = (call) => {
  const limit = readLimit(call, 100);
  if (typeof limit !== 'number') return limit;
  const cursor = readCursor(call);
  if (isRefusal(cursor)) return cursor;
  const kinds = (textOf(call.args, 'types') || 'public_channel').split(',').map((kind) => kind.trim());
  if (kinds.some((kind) => !['public_channel', 'private_channel', 'mpim', 'im'].includes(kind)))
    return refuse('invalid_types');
  const all = call.session.state.channels
    .list()
    .filter((channel) => kinds.includes(channel.isPrivate ? 'private_channel' : 'public_channel'))
    .filter((channel) => !channel.isPrivate || channel.isMember)
    .filter((channel) => !(flagOf(call.args, 'exclude_archived') && channel.isArchived));
  const start = Number(cursor ?? 0);
  const next = start + limit < all.length ? encodeCursor(String(start + limit)) : '';
  return {
    ok: true,
    channels: all.slice(start, start + limit).map(toSlackChannel),
    response_metadata: { next_cursor: next },
  };
};

const info: Method = (call) => {
  const channel = findChannel(call);
  return isRefusal(channel) ? channel : { ok: true, channel: toSlackChannel(channel) };
};

const join: Method = (call) => {
  const channel = findChannel(call);
  if (isRefusal(channel)) return channel;
  if (channel.isArchived) return refuse('is_archived');
  if (channel.isPrivate) return refuse('method_not_supported_for_channel_type');
  call.session.state.channels.change(channel.id, { isMember: true, isArchived: false });
  call.session.live.publish({ kind: 'channels', data: {} });
  const joined = { ...channel, isMember: true };
  return channel.isMember
    ? { ok: true, channel: toSlackChannel(joined), warning: 'already_in_channel' }
    : { ok: true, channel: toSlackChannel(joined) };
};

const members: Method = (call) => {
  const channel = findChannel(call);
  if (isRefusal(channel)) return channel;
  const bot = channel.isMember ? [WORKSPACE.botUserId] : [];
  return { ok: true, members: [...PEOPLE.map((person) => person.id), ...bot], response_metadata: { next_cursor: '' } };
};

const readSpan = (call: Call, otherwise: number): Span | Refusal => {
  const limit = readLimit(call, otherwise);
  if (typeof limit !== 'number') return limit;
  const oldest = parseBound(textOf(call.args, 'oldest') || '0');
  if (oldest === null) return refuse('invalid_ts_oldest');
  const given = textOf(call.args, 'latest');
  const latest = given === '' || given === 'now' ? Number.MAX_SAFE_INTEGER : parseBound(given);
  if (latest === null) return refuse('invalid_ts_latest');
  return { afterMicros: oldest, beforeMicros: latest, inclusive: flagOf(call.args, 'inclusive'), limit };
};

const readable = (call: Call): Channel | Refusal => {
  const channel = findChannel(call);
  if (isRefusal(channel)) return channel;
  return channel.isMember ? channel : refuse('not_in_channel');
};

/** One page out of the rows found, of which there is one more than asked when more remain. */
const page = (call: Call, rows: readonly Message[], limit: number): Readonly<Record<string, unknown>> => {
  const shown = rows.slice(0, limit);
  const last = parseTs(shown.at(-1)?.ts);
  const hasMore = rows.length > limit && last !== null;
  return {
    messages: shown.map((message) => toSlackMessage(call.session, message, flagOf(call.args, 'include_all_metadata'))),
    has_more: hasMore,
    ...(hasMore ? { response_metadata: { next_cursor: encodeCursor(String(last)) } } : {}),
  };
};

const history: Method = (call) => {
  const channel = readable(call);
  if (isRefusal(channel)) return channel;
  const span = readSpan(call, 100);
  if (isRefusal(span)) return span;
  const cursor = readCursor(call);
  if (isRefusal(cursor)) return cursor;
  const from = cursor === null ? span : narrowAbove(span, Number(cursor));
  const rows = call.session.state.messages.roots(channel.id, { ...from, limit: span.limit + 1 });
  return { ok: true, ...page(call, rows, span.limit) };
};

/** Older than the cursor. Written with exclusive bounds; an inclusive `oldest` moves one down. */
const narrowAbove = (span: Span, micros: number): Span => ({
  ...span,
  afterMicros: span.inclusive ? span.afterMicros - 1 : span.afterMicros,
  beforeMicros: micros,
  inclusive: false,
});

const narrowBelow = (span: Span, micros: number): Span => ({
  ...span,
  afterMicros: micros,
  beforeMicros: span.inclusive ? span.beforeMicros + 1 : span.beforeMicros,
  inclusive: false,
});

/** The root comes first on every first page, whatever `oldest` says, as Slack does. */
const replies: Method = (call) => {
  const channel = readable(call);
  if (isRefusal(channel)) return channel;
  const micros = parseTs(textOf(call.args, 'ts'));
  const root = micros === null ? null : call.session.state.messages.find(channel.id, micros);
  if (micros === null || root === null) return refuse('thread_not_found');
  const span = readSpan(call, 1_000);
  if (isRefusal(span)) return span;
  const cursor = readCursor(call);
  if (isRefusal(cursor)) return cursor;
  const from = cursor === null ? span : narrowBelow(span, Number(cursor));
  const found = call.session.state.messages.replies(channel.id, micros, { ...from, limit: span.limit + 1 });
  return { ok: true, ...page(call, cursor === null ? [root, ...found] : found, span.limit) };
};

export const CONVERSATION_METHODS: Readonly<Record<string, Method>> = {
  'conversations.list': list,
  'conversations.info': info,
  'conversations.join': join,
  'conversations.members': members,
  'conversations.history': history,
  'conversations.replies': replies,
};
