import { missing, refuse, refuseFor } from './answer.ts';
import { flagOf, textOf } from './arguments.ts';
import { isEmpty, isRefusal, readContent } from './content.ts';
import { changeMessage, isByBot, postMessage, removeMessage, toSlackMessage } from './messages.ts';
import { findChannel, findMessage, findThread, findWritable, type Method } from './method.ts';
import { formatTs } from './timestamp.ts';
import { findPerson, WORKSPACE } from './workspace.ts';

const post: Method = (call) => {
  const channel = findWritable(call, true);
  if (isRefusal(channel)) return channel;
  const content = readContent(call.args);
  if (isRefusal(content)) return content;
  if (isEmpty(content)) return refuse('no_text');
  const thread = findThread(call, channel);
  if (isRefusal(thread)) return thread;
  const waitSeconds = call.session.pace.post(channel.id);
  if (waitSeconds !== null) return refuseFor(waitSeconds);
  const place = { channel: channel.id, threadTs: thread.threadTs, isBroadcast: flagOf(call.args, 'reply_broadcast') };
  const message = postMessage(call.session, place, WORKSPACE.botUserId, content);
  return { ok: true, channel: channel.id, ts: message.ts, message: toSlackMessage(call.session, message, true) };
};

/** What is left out stays as it was; an empty list or object removes (docs.slack.dev, chat.update). */
const update: Method = (call) => {
  const channel = findChannel(call);
  if (isRefusal(channel)) return channel;
  const message = findMessage(call, channel);
  if (isRefusal(message)) return message;
  if (!isByBot(message)) return refuse('cant_update_message');
  if (channel.isArchived) return refuse('is_inactive');
  const content = readContent(call.args);
  if (isRefusal(content)) return content;
  const next = {
    ...message,
    text: content.text ?? message.text,
    blocks: [...(content.blocks ?? message.blocks)],
    metadata: content.metadata === undefined ? message.metadata : content.metadata,
    editedTs: formatTs(Math.floor(call.session.clock.nowMs()) * 1000),
  };
  if (content.text === undefined && content.blocks === undefined && content.metadata === undefined)
    return refuse('no_text');
  if (isEmpty(next)) return refuse('no_text');
  const waitSeconds = call.session.pace.edit();
  if (waitSeconds !== null) return refuseFor(waitSeconds);
  const stored = changeMessage(call.session, next);
  return {
    ok: true,
    channel: channel.id,
    ts: stored.ts,
    text: stored.text,
    message: toSlackMessage(call.session, stored, true),
  };
};

const remove: Method = (call) => {
  const channel = findChannel(call);
  if (isRefusal(channel)) return channel;
  const message = findMessage(call, channel);
  if (isRefusal(message)) return message;
  if (!isByBot(message)) return refuse('cant_delete_message');
  removeMessage(call.session, message);
  return { ok: true, channel: channel.id, ts: message.ts };
};

const postEphemeral: Method = (call) => {
  const channel = findWritable(call, true);
  if (isRefusal(channel)) return channel;
  if (textOf(call.args, 'user') === '') return missing('user');
  const person = findPerson(call.args['user']);
  if (person === null) return refuse('user_not_in_channel');
  const content = readContent(call.args);
  if (isRefusal(content)) return content;
  if (isEmpty(content)) return refuse('no_text');
  const thread = findThread(call, channel);
  if (isRefusal(thread)) return thread;
  const shown = call.session.ephemerals.show({
    channel: channel.id,
    threadTs: thread.threadTs,
    onlyFor: person.id,
    from: WORKSPACE.botUserId,
    text: content.text ?? '',
    blocks: content.blocks ?? [],
  });
  return { ok: true, message_ts: shown.ts };
};

const getPermalink: Method = (call) => {
  const channel = findChannel(call);
  if (isRefusal(channel)) return channel;
  const message = findMessage(call, channel, 'message_ts');
  if (isRefusal(message)) return message;
  const where = new URLSearchParams({ channel: channel.id, message: message.ts });
  return { ok: true, channel: channel.id, permalink: `${call.origin}/?${where}` };
};

export const CHAT_METHODS: Readonly<Record<string, Method>> = {
  'chat.postMessage': post,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
};
