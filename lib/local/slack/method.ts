import { type Answer, missing, type Refusal, refuse } from './answer.ts';
import { type Arguments, textOf } from './arguments.ts';
import type { Session } from './session.ts';
import type { Channel, Message } from './state.ts';
import { parseTs } from './timestamp.ts';

/** One call of the Web API. `origin` is where this Slack was reached, for the links it hands out. */
export type Call = { readonly session: Session; readonly args: Arguments; readonly origin: string };
export type Method = (call: Call) => Answer;

/** Only an id, as almost everywhere in Slack. A private channel that the bot is not in does not exist for it. */
export const findChannel = (call: Call, name = 'channel'): Channel | Refusal => {
  const id = textOf(call.args, name);
  if (id === '') return missing(name);
  const channel = call.session.state.channels.find(id);
  return channel === null || (channel.isPrivate && !channel.isMember) ? refuse('channel_not_found') : channel;
};

/** Also by name, with or without `#`. */
const findChannelByName = (call: Call): Channel | Refusal => {
  const wanted = textOf(call.args, 'channel').replace(/^#/, '');
  const named = call.session.state.channels.list().find((channel) => channel.name === wanted);
  return findChannel(named === undefined ? call : { ...call, args: { ...call.args, channel: named.id } });
};

/** Where the bot may write. */
export const findWritable = (call: Call, byName: boolean): Channel | Refusal => {
  const channel = byName ? findChannelByName(call) : findChannel(call);
  if ('ok' in channel) return channel;
  if (channel.isArchived) return refuse('is_archived');
  return channel.isMember ? channel : refuse('not_in_channel');
};

/** A message of this channel by its ts, in the argument of this name. */
export const findMessage = (call: Call, channel: Channel, name = 'ts'): Message | Refusal => {
  const given = textOf(call.args, name);
  if (given === '') return missing(name);
  const micros = parseTs(given);
  const message = micros === null ? null : call.session.state.messages.find(channel.id, micros);
  return message === null || message.subtype === 'tombstone' ? refuse('message_not_found') : message;
};

/** The thread to answer in: null for none. Replies hang on roots only, as Slack's documentation asks. */
export const findThread = (call: Call, channel: Channel): { readonly threadTs: string | null } | Refusal => {
  const given = textOf(call.args, 'thread_ts');
  if (given === '') return { threadTs: null };
  const micros = parseTs(given);
  const root = micros === null ? null : call.session.state.messages.find(channel.id, micros);
  if (root === null) return refuse('thread_not_found');
  return root.threadTs === null ? { threadTs: root.ts } : refuse('cannot_reply_to_message');
};
