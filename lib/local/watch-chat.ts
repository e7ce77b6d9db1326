import { type Chat, type ChatAccess, ChatError, type ChatFailure } from '../ports/chat.ts';

type Tell = (line: string) => void;

/** What only a person can mend. Everything else mends itself or is tried again. */
const isForPeople = (failure: ChatFailure): boolean =>
  failure === 'no-permission' || failure === 'not-in-channel' || failure === 'no-channel';

/** The same chat, which tells on the terminal what Slack refuses: each kind once, until Slack takes a message again. */
export const watchChat = (chat: Chat, tell: Tell): Chat => {
  const told = new Set<ChatFailure>();
  const watch = async <T>(sending: Promise<T>): Promise<T> => {
    try {
      const sent = await sending;
      if (told.size > 0) tell('slack: takes messages again');
      told.clear();
      return sent;
    } catch (error) {
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

/** One line for each channel that would not take our messages; the bot runs on, because it loses nothing and catches up. */
export const checkChannels = async (access: ChatAccess, channels: readonly string[], tell: Tell): Promise<void> => {
  const problems = await Promise.all(
    [...new Set(channels)].map((channel) =>
      access.reach(channel).then(
        () => null,
        (error: unknown) => (error instanceof ChatError ? error.message : 'it cannot be asked'),
      ),
    ),
  );
  for (const problem of new Set(problems)) if (problem !== null) tell(`slack: ${problem}`);
};
