import type { Parts } from '../../flows/parts.ts';
import { askToTell, wakeChanged } from '../../flows/tell-nudged.ts';

/** What a function that does not speak with Slack does with what it changed: the next timers, and a job for who does where there is something to tell. */
export const passOn = async (
  parts: Pick<Parts, 'store' | 'jobs' | 'clock' | 'ids'>,
  incidentIds: readonly string[],
): Promise<void> => askToTell(parts, await wakeChanged(parts, incidentIds));
