import type { EmbeddedJobs } from '../adapters/embedded/jobs.ts';
import { formatUtc } from '../domain/utc.ts';

/** Reasons shown; the rest is a number. */
const SHOWN = 5;

/** What was accepted and given up, for the terminal: nothing when there is none. */
export const tellDeadLetters = async (
  jobs: Pick<EmbeddedJobs, 'deadLetters' | 'countDead'>,
): Promise<readonly string[]> => {
  const count = await jobs.countDead();
  if (count === 0) return [];
  const letters = await jobs.deadLetters(SHOWN);
  return [
    `${count} accepted ${count === 1 ? 'job' : 'jobs'} could not be processed; they are kept in the state. The last:`,
    ...letters.map(({ id, kind, why, at }) => `  ${formatUtc(new Date(at).toISOString())}  ${kind} ${id}: ${why}`),
  ];
};
