import type { Delivery } from '../domain/delivery.ts';
import { ChatError } from '../ports/chat.ts';
import type { Parts } from './parts.ts';
import type { Part } from './send-part.ts';

/** When a duplicate of a message that was sent twice for safety is looked for. */
export const SWEEP_AFTER_MS = 90_000;

/** Deletes messages with the same mark as the recorded one. False when Slack did not let us look or delete. */
export const removeDuplicates = async (
  parts: Pick<Parts, 'chat' | 'log'>,
  { incidentId, channel, ts, firstAttemptMs }: Delivery,
  { threadTs, mark }: Pick<Part, 'threadTs' | 'mark'>,
): Promise<boolean> => {
  try {
    const found = await parts.chat.find({ channel, threadTs, sinceMs: firstAttemptMs }, mark);
    for (const other of found.filter((one) => one.ts !== ts)) await parts.chat.remove(other);
    return true;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    parts.log('sweep.put-off', { incident: incidentId, failure: error.failure, why: error.message });
    return false;
  }
};
