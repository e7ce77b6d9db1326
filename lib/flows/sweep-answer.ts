import type { Delivery } from '../domain/delivery.ts';
import type { JobBody } from '../domain/job.ts';
import type { MessageMark } from '../domain/message.ts';
import type { Parts } from './parts.ts';
import { removeDuplicates, SWEEP_AFTER_MS } from './remove-duplicates.ts';
import { deliveryKey } from './send-part.ts';

/** What the message of an answer is called among what is told, beside the id of the answer. */
export const ANSWER_PART = 'answer';

export const markOf = (answerId: string): MessageMark => ({
  eventType: 'mistral_triage',
  payload: { answer: answerId },
});

/** So often it is looked at most where Slack does not allow it: nobody reads an old answer. */
const MOST_LOOKS = 5;

/** By a job of its own: an answer has no incident whose timers would remember it. */
export const planSweep = (
  { jobs }: Pick<Parts, 'jobs'>,
  { incidentId, part, toldRevision }: Delivery,
  nth = 0,
): Promise<void> => {
  const id = `sweep:${incidentId}:${toldRevision}:${nth}`;
  const body = { kind: 'sweep-duplicates', incidentId, part, nth } as const;
  return jobs.put([{ id, queue: 'jobs', body }], { delayMs: SWEEP_AFTER_MS });
};

/** Deletes what shows the same as the message of an answer that was sent twice for safety, should one have slipped through. */
export const sweepAnswer = async (
  parts: Pick<Parts, 'store' | 'chat' | 'log' | 'jobs'>,
  { incidentId, nth = 0 }: Extract<JobBody, { readonly kind: 'sweep-duplicates' }>,
): Promise<void> => {
  const told = (await parts.store.read('delivery', deliveryKey({ incidentId, part: ANSWER_PART })))?.record;
  if (told === undefined) return;
  const isSwept =
    told.ts !== null && (await removeDuplicates(parts, told, { threadTs: null, mark: markOf(incidentId) }));
  if (!isSwept && nth + 1 < MOST_LOOKS) await planSweep(parts, told, nth + 1);
};
