import type { ChatMessage, MessageMark } from '../domain/message.ts';

/** Why Slack did not take something, once and for all in these words. */
export const CHAT_FAILURES = [
  'rate-limited',
  'unavailable',
  'ambiguous',
  'no-channel',
  'not-in-channel',
  'no-message',
  'no-permission',
  'bad-message',
] as const;
/**
 * `ambiguous`: it may have arrived (timeout, reset, 5xx after the body was sent): look before sending again.
 * `unavailable`: certainly not taken (refused, DNS). `no-permission`: token or scope. `bad-message`: Slack refused the content.
 */
export type ChatFailure = (typeof CHAT_FAILURES)[number];

/** Thrown by every method of the port; carries no token, no body. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly failure: ChatFailure;
  readonly retryAfterMs: number | null;
  constructor(failure: ChatFailure, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Messages in channels. Posting is not idempotent; each message carries a mark (Slack metadata) by which it is found again. */
export type Chat = {
  /** Returns the channel's id (also when a name was given) and the message's ts. Joins a public channel once where it may. */
  readonly post: (
    to: { readonly channel: string; readonly threadTs: string | null },
    message: ChatMessage,
    mark: MessageMark,
  ) => Promise<{ readonly channel: string; readonly ts: string }>;
  readonly edit: (
    at: { readonly channel: string; readonly ts: string },
    message: ChatMessage,
    mark: MessageMark,
  ) => Promise<void>;
  /** Our own messages with an equal mark since `sinceMs`, oldest first; in the thread when `threadTs` is given. */
  readonly find: (
    where: { readonly channel: string; readonly threadTs: string | null; readonly sinceMs: number },
    mark: MessageMark,
  ) => Promise<readonly { readonly channel: string; readonly ts: string }[]>;
  readonly remove: (at: { readonly channel: string; readonly ts: string }) => Promise<void>;
};

/** Answers that only one person sees, and what is known of people. */
export type ChatPeople = {
  readonly whisper: (to: { readonly channel: string; readonly user: string }, message: ChatMessage) => Promise<void>;
  /** null: no such user. */
  readonly person: (
    user: string,
  ) => Promise<{ readonly name: string; readonly isBot: boolean; readonly isRestricted: boolean } | null>;
  /** Members of a user group, by id or handle, asked now. Throws when it cannot be known: the caller fails closed. */
  readonly groupMembers: (group: string) => Promise<readonly string[]>;
};

/** Whether messages would be taken, asked without sending any. */
export type ChatAccess = {
  /** Resolves when the bot is in the channel, having joined it where it may; throws what keeps it out. */
  readonly reach: (channel: string) => Promise<void>;
};
