import { type HttpEvent, type HttpRequest, type HttpResult, readEvent } from '../lib/intake/http-event.ts';
import type { Wait } from '../lib/ports/world.ts';

/** Senders give up after one second; they must hear "not stored" before that. */
const STORE_LIMIT_MS = 800;

type Door = {
  readonly wait: Wait;
  readonly receive: (request: HttpRequest) => Promise<HttpResult>;
  /** The answer that makes senders come again. */
  readonly notStored: (why: string) => HttpResult;
};

/** Whatever happens behind the door, its answer comes in time and is no error of ours. */
export const answerInTime = async ({ wait, receive, notStored }: Door, event: HttpEvent): Promise<HttpResult> => {
  try {
    const late = wait(STORE_LIMIT_MS).then(() => null);
    return (await Promise.race([receive(readEvent(event)), late])) ?? notStored('took too long');
  } catch (error) {
    // Only the name: a store's message may hold what was to be stored.
    return notStored(error instanceof Error ? error.name : 'unknown failure');
  }
};
