import type { RoutineCheck } from '../domain/check.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';

const STATUS = { healthy: 'healthy', problem: 'unhealthy', unknown: 'degraded' } as const;

/** What GET /health says of one service: nothing that is secret, and the branch as the error. */
export const summariseCheck = (diagnosis: Diagnosis, models: readonly string[]): RoutineCheck['services'][string] => {
  const slowestMs = Math.max(0, ...diagnosis.probes.map((probe) => probe.latencyMs));
  const model = models[0];
  return {
    status: STATUS[diagnosis.verdict],
    latencyMs: slowestMs,
    ...(model === undefined ? {} : { model }),
    ...(diagnosis.verdict === 'healthy' ? {} : { error: diagnosis.branch }),
  };
};
