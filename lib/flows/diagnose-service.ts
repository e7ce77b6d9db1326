import type { Diagnosis, ProbeAnswer } from '../domain/diagnosis.ts';
import { planMitigations } from '../mitigate/plan.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { runProbes } from '../probes/probe.ts';
import { judge } from '../triage/judge.ts';
import { nextCheckMs } from '../triage/recovery.ts';
import { diagnose } from '../triage/tree.ts';
import type { Parts } from './parts.ts';

type DiagnoseParts = Pick<Parts, 'store' | 'secrets' | 'mistral' | 'health' | 'clock' | 'wait' | 'settings' | 'log'>;

/** A diagnosis this young answers everybody who asks meanwhile. */
const SHARED_MS = 2_000;

/**
 * The decision tree once for a service. One answer serves all incidents of the service that ask at the same time, if it was asked for
 * after `sinceMs`: an answer from before an alert says nothing about it. While the budget of the API is the problem it is not asked
 * again within the minute, whoever asks.
 */
export const diagnoseService = async (
  parts: DiagnoseParts,
  service: string,
  sinceMs = parts.clock.nowMs(),
): Promise<Diagnosis> => {
  const target = targetOf(parts, service);
  const key = `${target.environment}/${target.name}`;
  const last = await parts.store.read('diagnosis', key);
  if (last && isStillGood(parts, last.record, sinceMs)) return last.record;
  const diagnosis = await askTheWorld(parts, target);
  await parts.store.write('diagnosis', key, diagnosis, last?.version ?? 0);
  return diagnosis;
};

/** Asks every probe at once and judges; what the terminal shows while it runs goes through `onAnswer`. */
export const askTheWorld = async (
  parts: Pick<Parts, 'secrets' | 'mistral' | 'health' | 'clock' | 'wait' | 'settings' | 'log'>,
  target: ServiceTarget,
  onAnswer?: (answer: ProbeAnswer) => void,
): Promise<Diagnosis> => {
  const at = new Date(parts.clock.nowMs()).toISOString();
  const labels = await parts.secrets.labels(target.secretId).catch(() => undefined);
  const key = await parts.secrets.value(target.secretId, { label: 'AWSCURRENT' }).catch(() => null);
  const answers = await runProbes({
    target,
    key,
    mistral: parts.mistral,
    health: parts.health,
    clock: parts.clock,
    wait: parts.wait,
    deadlineMs: parts.settings.probeDeadlineMs,
    ...(onAnswer ? { onAnswer } : {}),
  });
  const standby = labels === undefined ? 'unknown' : labels?.has('STANDBY') ? 'present' : 'absent';
  const context = {
    at,
    service: target.name,
    models: target.models,
    standby,
  } as const;
  const diagnosis = diagnose(answers.map(judge), context);
  const planned = { ...diagnosis, ...planMitigations(diagnosis, { standby, secretId: target.secretId }) };
  parts.log('service.diagnosed', {
    service: target.name,
    verdict: planned.verdict,
    branch: planned.branch,
    confidence: planned.confidence,
  });
  return planned;
};

/** A service that no configuration names is asked about with the first one's key and model: better than not asking. */
export const targetOf = (parts: Pick<Parts, 'settings'>, service: string): ServiceTarget => {
  const { services } = parts.settings;
  const found = services.find((one) => one.name === service) ?? services[0];
  return found ?? { name: service, environment: 'default', models: [], secretId: 'MISTRAL_SECRET_ID', healthUrl: null };
};

const isStillGood = (parts: DiagnoseParts, last: Diagnosis, sinceMs: number): boolean => {
  const askedMs = Date.parse(last.at);
  const ageMs = parts.clock.nowMs() - askedMs;
  const limitedMs = nextCheckMs(last, { recheckMs: 0, limitedRecheckMs: parts.settings.limitedRecheckMs });
  return (askedMs >= sinceMs && ageMs < SHARED_MS) || ageMs < limitedMs - 1_000;
};
