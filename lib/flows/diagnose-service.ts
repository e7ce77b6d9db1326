import type { Diagnosis, Finding, ProbeAnswer } from '../domain/diagnosis.ts';
import { planMitigations } from '../mitigate/plan.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import type { Store } from '../ports/store.ts';
import { runProbes } from '../probes/probe.ts';
import { judge } from '../triage/judge.ts';
import { nextCheckMs } from '../triage/recovery.ts';
import { type DiagnoseContext, diagnose } from '../triage/tree.ts';
import { type Asking, askTogether, createAsking } from './ask-together.ts';
import type { Parts } from './parts.ts';
import { noteProbes, spendOnProbes } from './spend-on-probes.ts';
import { placeKey, type ServicePlace, targetOf, tellUnconfigured } from './target-of.ts';

type DiagnoseParts = Pick<
  Parts,
  'store' | 'secrets' | 'mistral' | 'health' | 'sources' | 'clock' | 'wait' | 'settings' | 'log'
>;

/** What the service itself needs to be well. */
const NEEDED = /^(?:models$|chat:|stream:|health$)/;

/** An answer that came this short a while ago serves everybody who asks meanwhile. */
export const SHARED_MS = 2_000;

/** Questions of this process that have no answer yet, by the store they are kept in. */
const ASKING = new WeakMap<Store, Asking<Diagnosis>>();

const askingOf = (store: Store): Asking<Diagnosis> => {
  const asking = ASKING.get(store) ?? createAsking<Diagnosis>();
  ASKING.set(store, asking);
  return asking;
};

export type Freshness = {
  /** The answer must have been asked for after this: one from before an alert says nothing about it. */
  readonly sinceMs: number;
  /** And must have come no longer ago than this. */
  readonly sharedMs: number;
};

/**
 * The decision tree once for a service. One answer serves all incidents of the service that ask at the same time, also while it has not
 * come yet; `onAnswer` hears of it as far as it is asked for this caller. While the budget of the API is the problem it is not asked again within the minute, whoever asks.
 */
export const diagnoseService = async (
  parts: DiagnoseParts,
  place: ServicePlace,
  fresh: Freshness = { sinceMs: parts.clock.nowMs(), sharedMs: SHARED_MS },
  onAnswer?: OnAnswer,
): Promise<Diagnosis> => {
  const target = targetOf(parts, place);
  if (target === null) return tellUnconfigured(parts, place);
  const key = placeKey(target);
  const last = await parts.store.read('diagnosis', key);
  if (last && isStillGood(parts, last.record, fresh)) return last.record;
  const question = { key, sinceMs: fresh.sinceMs, nowMs: parts.clock.nowMs };
  return askTogether(askingOf(parts.store), question, async () => {
    const diagnosis = await askTheWorld(parts, target, onAnswer);
    const before = await parts.store.read('diagnosis', key);
    await parts.store.write('diagnosis', key, diagnosis, before?.version ?? 0);
    return diagnosis;
  });
};

type OnAnswer = (answer: ProbeAnswer) => void;

/** Asks every probe at once and judges; what the terminal shows while it runs goes through `onAnswer`. */
export const askTheWorld = async (
  parts: DiagnoseParts,
  target: ServiceTarget,
  onAnswer?: OnAnswer,
): Promise<Diagnosis> => {
  const at = new Date(parts.clock.nowMs()).toISOString();
  const findings = await askWithPresentKey(parts, target, onAnswer);
  const standby = await findStandby(parts, target, findings);
  const diagnosis = diagnose(findings, { at, service: target.name, models: target.models, standby });
  const planned = { ...diagnosis, ...planMitigations(diagnosis, { standby, secretId: target.secretId }) };
  parts.log('service.diagnosed', {
    service: target.name,
    verdict: planned.verdict,
    branch: planned.branch,
    confidence: planned.confidence,
  });
  return planned;
};

/** The key may be one that was read a while ago: before anybody blames it, it is looked whether there is another one by now. */
const askWithPresentKey = async (
  parts: DiagnoseParts,
  target: ServiceTarget,
  onAnswer?: OnAnswer,
): Promise<readonly Finding[]> => {
  const readKey = (fresh: boolean) =>
    parts.secrets.value(target.secretId, { label: 'AWSCURRENT' }, { fresh }).catch(() => null);
  const key = await readKey(false);
  const findings = await askProbes(parts, target, { key, onAnswer });
  // The standby key and other regions may refuse for themselves.
  if (!findings.some(({ name, branch }) => branch === 'auth.invalid_key' && NEEDED.test(name))) return findings;
  const present = await readKey(true);
  return present === null || present === key ? findings : askProbes(parts, target, { key: present, onAnswer });
};

const askProbes = async (
  parts: DiagnoseParts,
  target: ServiceTarget,
  { key, onAnswer }: { readonly key: string | null; readonly onAnswer: OnAnswer | undefined },
): Promise<readonly Finding[]> => {
  const withheld = await spendOnProbes(parts, target);
  const answers = await runProbes({
    target,
    key,
    mistral: parts.mistral,
    health: parts.health,
    sources: parts.sources,
    readStandby: () => parts.secrets.value(target.secretId, { label: 'STANDBY' }),
    withheld,
    clock: parts.clock,
    wait: parts.wait,
    deadlineMs: parts.settings.probeDeadlineMs,
    ...(onAnswer ? { onAnswer } : {}),
  });
  const findings = answers.map(judge);
  await noteProbes(parts, target, findings);
  return findings;
};

/** Not looked for while all is well: nobody rotates then, and each look costs. */
const findStandby = async (
  { secrets }: DiagnoseParts,
  { secretId }: ServiceTarget,
  findings: readonly Finding[],
): Promise<DiagnoseContext['standby']> => {
  if (findings.every(({ name, outcome }) => outcome === 'ok' || !NEEDED.test(name))) return 'unknown';
  const labels = await secrets.labels(secretId).catch(() => undefined);
  if (labels === undefined) return 'unknown';
  return labels?.has('STANDBY') ? 'present' : 'absent';
};

/** The probes are asked at once, so the slowest of them says when the answer came: an API that hangs gives answers that are old when they come. */
const answeredMs = (diagnosis: Diagnosis): number =>
  Date.parse(diagnosis.at) + Math.max(0, ...diagnosis.probes.map((probe) => probe.latencyMs));

const isStillGood = (parts: DiagnoseParts, last: Diagnosis, { sinceMs, sharedMs }: Freshness): boolean => {
  const askedMs = Date.parse(last.at);
  const nowMs = parts.clock.nowMs();
  const limitedMs = nextCheckMs(last, { recheckMs: 0, limitedRecheckMs: parts.settings.limitedRecheckMs });
  return (askedMs >= sinceMs && nowMs - answeredMs(last) < sharedMs) || nowMs - askedMs < limitedMs - 1_000;
};
