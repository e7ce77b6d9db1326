import { systemClock } from '../../adapters/system.ts';
import { createLog } from '../../log.ts';
import type { Log } from '../../ports/world.ts';
import { metricMembers } from '../../report/metrics.ts';

/** Lambda keeps what a function prints, and CloudWatch makes metrics of some of it. */
export const lambdaLog: Log = createLog(
  (line) => {
    process.stdout.write(`${line}\n`);
  },
  systemClock.nowMs,
  (event, fields, nowMs) => metricMembers(event, fields, { stage: process.env['STAGE'] ?? 'unknown', nowMs }),
);

/** A field for each, since a field of the log is short. */
export const numberMistakes = (mistakes: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(mistakes.map((mistake, index) => [`mistake${index + 1}`, mistake]));
