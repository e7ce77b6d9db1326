import { listBookmarks } from './mark-methods.ts';
import { toPageMessage, WHOLE } from './messages.ts';
import type { Session } from './session.ts';
import type { Channel } from './state.ts';
import { parseTs } from './timestamp.ts';
import { toSlackView } from './views.ts';
import { EVERYBODY, GROUPS, type Person, WORKSPACE } from './workspace.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The newest roots of a channel with their threads, oldest first. */
const messagesOf = (session: Session, channel: Channel, limit: number): readonly Fields[] => {
  const roots = session.state.messages.roots(channel.id, { ...WHOLE, limit }).toReversed();
  return roots.flatMap((root) => {
    const replies =
      root.threadTs === null ? session.state.messages.replies(channel.id, parseTs(root.ts) ?? 0, WHOLE) : [];
    return [root, ...replies.filter((reply) => !reply.isBroadcast)].map((message) => toPageMessage(session, message));
  });
};

/** Everything that one person sees. */
export const readConsoleState = (session: Session, person: Person, limit: number): Fields => {
  const view = session.views.top(person.id);
  return {
    workspace: { name: WORKSPACE.teamName, commands: WORKSPACE.commands, bot: WORKSPACE.botUserId },
    user: person.id,
    users: EVERYBODY.map((one) => ({ id: one.id, handle: one.handle, name: one.name, isBot: one.isBot })),
    groups: GROUPS,
    channels: session.state.channels.list().map((channel) => ({
      ...channel,
      bookmarks: listBookmarks(session, channel.id),
      messages: messagesOf(session, channel, limit),
    })),
    ephemerals: session.ephemerals.list(person.id),
    view: view === null ? null : toSlackView(view),
  };
};
