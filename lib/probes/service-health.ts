import type { HealthCalls, ServiceTarget } from '../ports/probes.ts';
import type { Answered, Probe } from './probe-answer.ts';

/** 2xx is well and 5xx is not. Anything else says that the address is not what we think it is. */
const readStatus = (status: number, latencyMs: number): Answered => {
  if (status >= 200 && status < 300) return { outcome: 'ok', latencyMs, evidence: { status } };
  if (status >= 500) {
    return {
      outcome: 'failed',
      branch: 'app.errors',
      why: `its health check answers ${status}`,
      latencyMs,
      evidence: { status },
    };
  }
  const why = `its health check answers ${status}, which says neither well nor ill: check the configured address`;
  return { outcome: 'unknown', why, latencyMs, evidence: { status } };
};

/** The application's own health check, as its owner configured it. */
export const serviceHealth = (
  health: HealthCalls,
  { name: service, allowPrivate = false }: Pick<ServiceTarget, 'name' | 'allowPrivate'>,
  url: string,
): Probe => ({
  name: 'health',
  question: `Is ${service} itself well?`,
  ask: async (timeoutMs) => {
    const answer = await health.get(url, timeoutMs, { allowPrivate });
    if ('status' in answer) return readStatus(answer.status, answer.latencyMs);
    const { why, latencyMs } = answer;
    return answer.isBlind === true
      ? { outcome: 'unknown', why, latencyMs }
      : { outcome: 'failed', branch: 'app.errors', why: `its health check fails: ${why}`, latencyMs };
  },
});
