import type { Parts } from '../../flows/parts.ts';
import { askToTell, wakeChanged } from '../../flows/tell-nudged.ts';

/** What a function that does not speak with Slack does with what it changed: the next timers, and a job for who does. */
export const passOn = async (parts: Parts, incidentIds: readonly string[]): Promise<void> => {
  await Promise.all([wakeChanged(parts, incidentIds), askToTell(parts, incidentIds)]);
};
