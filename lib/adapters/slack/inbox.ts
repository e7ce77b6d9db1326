import { LogLevel } from '@slack/web-api';
import type { Log } from '../../ports/world.ts';
import { readClick } from './click.ts';
import { type ListenerParts, registerListeners } from './listeners.ts';
import { createReceiver, type SlackDelivery, type SlackReply } from './receiver.ts';

/**
 * What comes from Slack, through Bolt. Bolt is loaded with the first verified body: it costs 110 ms that a start, and a caller
 * without a signature, need not pay. `isEager`: at once, as on Lambda, whose initialisation has more CPU than a request.
 * It gets no token: whatever must be said to Slack later is said by the worker.
 */
export const createSlackInbox = (
  parts: ListenerParts,
  { isEager }: { readonly isEager: boolean } = { isEager: false },
): ((delivery: SlackDelivery) => Promise<SlackReply>) => {
  let loading: ReturnType<typeof startApp> | null = isEager ? startApp(parts) : null;
  // Told by the body that waits for it.
  loading?.catch(() => undefined);
  return async (delivery) => {
    if (isClick(delivery.body) && readClick(delivery.body) === null) return { kind: 'malformed' };
    loading ??= startApp(parts);
    try {
      const { deliver } = await loading;
      return await deliver(delivery);
    } catch (error) {
      // A failed import is tried again with the next body.
      loading = null;
      throw error;
    }
  };
};

const isClick = (body: SlackDelivery['body']): boolean =>
  body['command'] !== undefined || body['actions'] !== undefined || body['type'] === 'block_actions';

const RESPOND_LIMIT_MS = 1000;

const startApp = async (parts: ListenerParts) => {
  const { App } = await import('@slack/bolt');
  const { receiver, deliver } = createReceiver();
  const app = new App({
    receiver,
    // Answers for every workspace that the signature vouches for; Bolt would call auth.test for each event without it.
    authorize: () => Promise.resolve({}),
    tokenVerificationEnabled: false,
    convoStore: false,
    ignoreSelf: false,
    logger: toBoltLogger(parts.log),
    logLevel: LogLevel.ERROR,
    clientOptions: {
      timeout: RESPOND_LIMIT_MS,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      // Bolt answers response addresses through this one, without any limit of its own.
      fetch: (url, init) => fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(RESPOND_LIMIT_MS) }),
    },
  });
  registerListeners(app, parts);
  return { deliver };
};

/** Only that something happened, and the error's kind: Bolt's messages and errors quote bodies and addresses. */
const toBoltLogger = (log: Log) => {
  const tell = (level: string) => (first: unknown) => log('slack.bolt', { level, kind: kindOf(first) });
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: tell('warn'),
    error: tell('error'),
    setLevel: () => undefined,
    setName: () => undefined,
    getLevel: () => LogLevel.ERROR,
  };
};

/** Bolt wraps what a listener threw. */
const kindOf = (logged: unknown): string => {
  if (!(logged instanceof Error)) return 'message';
  return 'original' in logged && logged.original instanceof Error ? kindOf(logged.original) : logged.constructor.name;
};
