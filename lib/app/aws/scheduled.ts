import type { FlowSettings } from '../../flows/parts.ts';

/** The schedule of templates/aws/schedule.yml. */
const SCHEDULE_MS = 60_000;

/** The routine check comes with the schedule: one that is wanted more often would be promised, by GET /health too, and not kept. */
export const scheduled = (settings: FlowSettings): FlowSettings => ({
  ...settings,
  routineMs: Math.max(SCHEDULE_MS, settings.routineMs),
});
