import type { Clock, Log } from '../../ports/world.ts';
import type { SlackAccess } from './call.ts';
import type { SlackDelivery, SlackReply } from './receiver.ts';
import { type Ended, holdConnection } from './socket-connection.ts';
import { answerEnvelope, type Envelope } from './socket-envelope.ts';
import { pause } from './socket-wait.ts';

/** How long each step may take, in milliseconds. */
const PATIENCE = {
  /** From asking for an address to Slack's hello. */
  helloMs: 15_000,
  /** Slack's answer to our goodbye. */
  closeMs: 1_000,
  /** After a first failure; doubled by each further one up to `longestMs`. */
  firstMs: 1_000,
  longestMs: 30_000,
  /** A connection that ends sooner counts as a failure, so that one which is closed at once is not opened again and again. */
  steadyMs: 10_000,
} as const;

export type SocketParts = Omit<SlackAccess, 'token'> & {
  readonly appToken: string;
  /** Resolves when the work is durable, with what the person is shown. */
  readonly receive: (delivery: SlackDelivery) => Promise<SlackReply>;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears in one line what keeps clicks away, each thing once, and when they come again. */
  readonly tell: (line: string) => void;
  readonly patience?: { readonly [K in keyof typeof PATIENCE]: number };
  /** Waits between two connections, but no longer than until `cut`. */
  readonly rest?: (ms: number, cut: AbortSignal) => Promise<void>;
};

export type SlackSocket = {
  /** Resolves when the first try to connect has ended, well or badly. Never fails. */
  readonly tried: Promise<void>;
  /** Takes nothing more, finishes what was begun, and says goodbye. */
  readonly stop: () => Promise<void>;
};

/**
 * What comes from Slack by socket mode: no public address, and no signature, because it was us who called Slack. It connects for ever,
 * one connection at a time. The client's own way of doing that is off: after a refused connection it throws where nobody can catch it.
 */
export const openSlackSocket = (parts: SocketParts): SlackSocket => {
  const { patience = PATIENCE, rest = pause } = parts;
  const cut = new AbortController();
  const begun = new Set<Promise<void>>();
  const trouble = createTrouble(parts.tell);
  let isClosing = false;
  let noteTried: () => void = () => undefined;
  const tried = new Promise<void>((resolve) => {
    noteTried = resolve;
  });
  const take = (envelope: Envelope): void => {
    if (isClosing) return;
    const answering = answerEnvelope(envelope, parts).finally(() => begun.delete(answering));
    begun.add(answering);
  };
  const connect = async (): Promise<Ended & { readonly wasSteady: boolean }> => {
    let sinceMs = Number.POSITIVE_INFINITY;
    const connected = (): void => {
      sinceMs = parts.clock.nowMs();
      parts.log('slack.socket', { state: 'connected' });
      trouble.over();
      noteTried();
    };
    const ended = await holdConnection({ ...parts, patience }, { cut: cut.signal, take, connected });
    return { ...ended, wasSteady: parts.clock.nowMs() - sinceMs >= patience.steadyMs };
  };
  const run = async (): Promise<void> => {
    for (let failures = 0; !isClosing; ) {
      const { why, retryAfterMs, wasSteady } = await connect();
      parts.log('slack.socket', { state: 'ended', why });
      failures = wasSteady ? 0 : failures + 1;
      if (wasSteady) trouble.forget();
      else if (!isClosing) trouble.tell(why);
      noteTried();
      const waitMs = failures === 0 ? 0 : Math.min(patience.firstMs * 2 ** (failures - 1), patience.longestMs);
      await rest(Math.max(waitMs, retryAfterMs ?? 0), cut.signal);
    }
  };
  const ended = run();
  return {
    tried,
    stop: async () => {
      isClosing = true;
      await Promise.allSettled(begun);
      cut.abort();
      await ended;
    },
  };
};

/** Each trouble is told once between two connections that lasted, and its end once. */
const createTrouble = (tell: (line: string) => void) => {
  const told = new Set<string>();
  let isTold = false;
  return {
    tell: (why: string): void => {
      if (told.has(why)) return;
      told.add(why);
      isTold = true;
      tell(`slack: socket mode: ${why}. Clicks and commands do not arrive; it is tried again.`);
    },
    over: (): void => {
      if (isTold) tell('slack: socket mode is connected again');
      isTold = false;
    },
    forget: (): void => told.clear(),
  };
};
