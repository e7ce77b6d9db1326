import { openClock } from '../../lib/app/aws/clock.ts';

const tick = openClock(process.env);

/** Each minute, by the schedule. What fails is tried again by it, and the missing heartbeat tells. */
export const handler = async (): Promise<void> => tick();
