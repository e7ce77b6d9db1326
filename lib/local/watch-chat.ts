import type { ChatHealth } from '../app/health.ts';
import { type Chat, type ChatAccess, ChatError, type ChatFailure } from '../ports/chat.ts';
import type { Clock } from '../ports/world.ts';
import { type Loop, startLoop } from './loop.ts';

type Tell = (line: string) => void;

/** What Slack did last. */
export type ChatNote = {
  /** null: it took something. */
  readonly put: (failure: ChatFailure | null) => void;
  readonly read: () => ChatHealth | null;
};

/** What says something about Slack and us; the rest is about one message, or about our haste. */
const countsAgainst = (failure: ChatFailure): boolean =>
  isForPeople(failure) || failure === 'unavailable' || failure === 'ambiguous';

export const createChatNote = (clock: Clock): ChatNote => {
  let noted: ChatHealth | null = null;
  return {
    put: (failure) => {
      const checkedAt = new Date(clock.nowMs()).toISOString();
      if (failure === null) noted = { status: 'healthy', checkedAt };
      else if (countsAgainst(failure)) noted = { status: 'degraded', error: failure, checkedAt };
    },
    read: () => noted,
  };
};

/** What only a person can mend. Everything else mends itself or is tried again. */
const isForPeople = (failure: ChatFailure): boolean =>
  failure === 'no-permission' || failure === 'not-in-channel' || failure === 'no-channel';

/** The same chat, which tells on the terminal what Slack refuses: each kind once, until Slack takes a message again. */
export const watchChat = (chat: Chat, note: ChatNote, tell: Tell): Chat => {
  const told = new Set<ChatFailure>();
  const watch = async <T>(sending: Promise<T>): Promise<T> => {
    try {
      const sent = await sending;
      if (told.size > 0) tell('slack: takes messages again');
      told.clear();
      note.put(null);
      return sent;
    } catch (error) {
      if (error instanceof ChatError) note.put(error.failure);
      if (error instanceof ChatError && isForPeople(error.failure) && !told.has(error.failure)) {
        told.add(error.failure);
        tell(`slack: a message was refused: ${error.message}. It is kept and tried again.`);
      }
      throw error;
    }
  };
  return {
    ...chat,
    post: (to, message, mark) => watch(chat.post(to, message, mark)),
    edit: (at, message, mark) => watch(chat.edit(at, message, mark)),
  };
};

type Access = { readonly access: ChatAccess; readonly channels: readonly string[]; readonly note: ChatNote };

/** One line for each channel that would not take our messages; the bot runs on, because it loses nothing and catches up. */
export const checkChannels = async ({ access, channels, note }: Access, tell: Tell): Promise<void> => {
  const problems = await Promise.all(
    [...new Set(channels)].map((channel) =>
      access.reach(channel).then(
        () => null,
        (error: unknown) => (error instanceof ChatError ? error : new ChatError('unavailable', 'it cannot be asked')),
      ),
    ),
  );
  const found = problems.filter((problem) => problem !== null);
  note.put(found.find(({ failure }) => countsAgainst(failure))?.failure ?? found[0]?.failure ?? null);
  for (const problem of new Set(found.map(({ message }) => message))) tell(`slack: ${problem}`);
};

/** Slack is asked this often whether it would take messages, so that a token revoked on a quiet day is seen. */
const RECHECK_MS = 60_000;

/** Tells nobody: what a message meets is told when there is one. The check at the start comes before. */
export const recheckChannels = (access: Access, everyMs: number = RECHECK_MS): Loop => {
  let isStart = true;
  return startLoop(
    async () => {
      if (!isStart) await checkChannels(access, () => undefined);
      isStart = false;
      return everyMs;
    },
    () => undefined,
  );
};
