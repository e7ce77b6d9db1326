import { randomBytes } from 'node:crypto';
import { missing, refuse } from './answer.ts';
import { textOf } from './arguments.ts';
import { isRefusal } from './content.ts';
import { changeMessage } from './messages.ts';
import { findChannel, findMessage, findWritable, type Method } from './method.ts';
import type { Session } from './session.ts';
import { WORKSPACE } from './workspace.ts';

const addReaction: Method = (call) => {
  const name = textOf(call.args, 'name').replaceAll(':', '');
  if (!/^[a-z0-9_+'-]{1,100}$/.test(name)) return refuse('invalid_name');
  const channel = findWritable(call, false);
  if (isRefusal(channel)) return channel;
  const message = findMessage(call, channel, 'timestamp');
  if (isRefusal(message)) return message;
  const same = message.reactions.find((reaction) => reaction.name === name);
  if (same?.users.includes(WORKSPACE.botUserId) === true) return refuse('already_reacted');
  const others = message.reactions.filter((reaction) => reaction.name !== name);
  const added = { name, users: [...(same?.users ?? []), WORKSPACE.botUserId] };
  changeMessage(call.session, { ...message, reactions: [...others, added] });
  return { ok: true };
};

const addPin: Method = (call) => {
  const channel = findWritable(call, false);
  if (isRefusal(channel)) return channel;
  const message = findMessage(call, channel, 'timestamp');
  if (isRefusal(message)) return message;
  if (message.isPinned) return refuse('already_pinned');
  changeMessage(call.session, { ...message, isPinned: true });
  return { ok: true };
};

const addBookmark: Method = (call) => {
  const channel = findChannel(call, 'channel_id');
  if (isRefusal(channel)) return channel;
  if (!channel.isMember) return refuse('not_in_channel');
  const title = textOf(call.args, 'title');
  if (title === '') return missing('title');
  if (textOf(call.args, 'type') !== 'link') return refuse('invalid_bookmark_type');
  const link = textOf(call.args, 'link');
  if (!/^https?:\/\/[^\s]+$/.test(link)) return refuse('invalid_link');
  const id = `Bk${randomBytes(5).toString('hex').toUpperCase()}`;
  const created = Math.floor(call.session.clock.nowMs() / 1000);
  call.session.state.db
    .prepare('INSERT INTO bookmarks VALUES (?, ?, ?, ?, ?)')
    .run(id, channel.id, title, link, created);
  call.session.live.publish({ kind: 'channels', data: {} });
  return { ok: true, bookmark: { id, channel_id: channel.id, title, link, type: 'link', date_created: created } };
};

export const listBookmarks = (
  session: Session,
  channel: string,
): readonly { readonly title: string; readonly link: string }[] =>
  session.state.db
    .prepare('SELECT title, link FROM bookmarks WHERE channel = ? ORDER BY rowid')
    .all(channel)
    .map((row) => ({ title: String(row['title']), link: String(row['link']) }));

export const MARK_METHODS: Readonly<Record<string, Method>> = {
  'reactions.add': addReaction,
  'pins.add': addPin,
  'bookmarks.add': addBookmark,
};
