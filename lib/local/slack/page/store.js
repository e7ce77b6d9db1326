// What the page knows: channels with their messages, this person's own messages, the open view.

const keyOf = (message) => `${message.channel}/${message.ts}`;

const threadOf = (message) =>
  message.threadTs ?? (message.thread_ts === message.ts ? null : (message.thread_ts ?? null));

export const createStore = () => {
  let base = { channels: [], users: [], groups: [], workspace: { name: '', commands: [] }, user: '' };
  const messages = new Map();
  return {
    load: (state) => {
      base = state;
      messages.clear();
      for (const message of [...state.channels.flatMap((channel) => channel.messages), ...state.ephemerals])
        messages.set(keyOf(message), message);
    },
    /** false: something newer is known already. */
    put: (message) => {
      const known = messages.get(keyOf(message));
      if (known !== undefined && (known.revision ?? 0) > (message.revision ?? 0)) return false;
      messages.set(keyOf(message), message);
      return true;
    },
    drop: (message) => messages.delete(keyOf(message)),
    find: (channel, ts) => messages.get(`${channel}/${ts}`) ?? null,
    /** Roots (and what is shown besides its thread), oldest first. */
    roots: (channel) =>
      [...messages.values()]
        .filter((message) => message.channel === channel && threadOf(message) === null)
        .sort((a, b) => Number(a.ts) - Number(b.ts)),
    thread: (channel, ts) =>
      [...messages.values()]
        .filter((message) => message.channel === channel && (message.ts === ts || threadOf(message) === ts))
        .sort((a, b) => Number(a.ts) - Number(b.ts)),
    threadOf,
    channels: () => base.channels,
    users: () => base.users,
    workspace: () => base.workspace,
    names: {
      user: (id) => base.users.find((one) => one.id === id)?.name ?? null,
      channel: (id) => base.channels.find((one) => one.id === id)?.name ?? null,
      group: (id) => base.groups.find((one) => one.id === id)?.handle ?? null,
    },
  };
};
