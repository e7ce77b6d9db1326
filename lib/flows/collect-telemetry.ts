import type { Incident } from '../domain/incident.ts';
import { plainText } from '../domain/plain-text.ts';
import { parseUtc } from '../domain/utc.ts';
import type { TelemetryQuestion } from '../ports/telemetry.ts';
import type { Collected, TelemetryEvidence } from '../report/telemetry-evidence.ts';
import type { Parts } from './parts.ts';

const BEFORE_MS = 2 * 3_600_000;

/** However long ago the incident started: every gigabyte that is searched costs. */
const MOST_MS = 7 * 86_400_000;

/** What the monitoring service knows, from before the incident until now. Whatever fails is told in place of it, and fails nothing else. */
export const collectTelemetry = async (
  parts: Pick<Parts, 'telemetry' | 'clock' | 'log'>,
  incident: Incident,
): Promise<TelemetryEvidence> => {
  const { telemetry } = parts;
  const question = questionFor(incident, parts.clock.nowMs());
  const collect = async <T>(
    { what, source }: { readonly what: string; readonly source: string },
    ask: Promise<T | null> | undefined,
  ): Promise<Collected<T>> => {
    try {
      const value = (await ask) ?? null;
      return value === null ? { why: `not configured: no ${source} source` } : { value };
    } catch (error) {
      const why = error instanceof Error ? plainText(error.message, 200) : 'unknown';
      parts.log('telemetry.not-collected', { incident: incident.id, what, why });
      return { why: `could not be read: ${why}` };
    }
  };
  const [metrics, picture, logs] = await Promise.all([
    collect({ what: 'metrics', source: 'metrics' }, telemetry?.metrics(question)),
    collect({ what: 'chart', source: 'metrics' }, telemetry?.picture(question)),
    collect({ what: 'logs', source: 'log' }, telemetry?.logs(question)),
  ]);
  const range = { from: new Date(question.fromMs).toISOString(), to: new Date(question.toMs).toISOString() };
  return { ...range, metrics, picture, logs };
};

const questionFor = (incident: Incident, nowMs: number): TelemetryQuestion => {
  const { milestones, createdAt, environment, service } = incident;
  const startedMs = parseUtc(milestones.started ?? createdAt) ?? Date.parse(createdAt);
  return {
    environment,
    service,
    fromMs: Math.max(Math.min(startedMs, nowMs) - BEFORE_MS, nowMs - MOST_MS),
    toMs: nowMs,
  };
};
