import type { Diagnosis, Finding, ProbeAnswer } from '../domain/diagnosis.ts';
import { planMitigations } from '../mitigate/plan.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import type { Store } from '../ports/store.ts';
import { type ProbeInput, runProbes } from '../probes/probe.ts';
import { isFirstQuestion, isTrouble } from '../probes/trouble.ts';
import { judge } from '../triage/judge.ts';
import { nextCheckMs } from '../triage/next-check.ts';
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
  /** A key that was read a while ago will do, since reading costs. What it answers says nothing to others: the key may be another one by now. */
  readonly mayKeepKey?: boolean;
  /** Whether what only explains trouble is asked when there is some, and not before. Holds together with a kept key alone, since others need all of it. */
  readonly explains?: 'always' | 'trouble';
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
  const asking = askingOf(parts.store);
  const isKept = fresh.mayKeepKey === true && !asking.now.has(key);
  const question = { key: isKept ? `${key} kept` : key, sinceMs: fresh.sinceMs, nowMs: parts.clock.nowMs };
  return askTogether(asking, question, async () => {
    const diagnosis = await askTheWorld(parts, target, onAnswer, {
      fresh: !isKept,
      explains: isKept ? (fresh.explains ?? 'always') : 'always',
    });
    // Trouble is trouble with either key, or the key was read again; that all is well says nothing about another key.
    if (isKept && diagnosis.verdict === 'healthy') return diagnosis;
    const before = await parts.store.read('diagnosis', key);
    await parts.store.write('diagnosis', key, diagnosis, before?.version ?? 0);
    return diagnosis;
  });
};

type OnAnswer = (answer: ProbeAnswer) => void;
type KeyReading = { readonly fresh: boolean };
type How = KeyReading & Pick<Freshness, 'explains'>;
type Listening = { readonly onAnswer: OnAnswer | undefined; readonly how: How };

/** Asks every probe at once and judges; what the terminal shows while it runs goes through `onAnswer`. */
export const askTheWorld = async (
  parts: DiagnoseParts,
  target: ServiceTarget,
  onAnswer?: OnAnswer,
  how: How = { fresh: true },
): Promise<Diagnosis> => {
  const at = new Date(parts.clock.nowMs()).toISOString();
  const findings = await askWithPresentKey(parts, target, { onAnswer, how });
  const standby = await findStandby(parts, target, findings);
  const diagnosis = diagnose(findings, { at, service: target.name, models: target.models, standby });
  const whole = wholeFindings(findings, diagnosis);
  const plan = planMitigations({ ...diagnosis, probes: whole }, { standby, secretId: target.secretId });
  const planned = { ...diagnosis, ...plan };
  WHOLE.set(planned, whole);
  parts.log('service.diagnosed', {
    service: target.name,
    verdict: planned.verdict,
    branch: planned.branch,
    confidence: planned.confidence,
  });
  return planned;
};

/** A diagnosis is thinned to what may be stored; what it was judged by is kept beside it, as long as it is held by this process. */
const WHOLE = new WeakMap<Diagnosis, readonly Finding[]>();

/** What was found, whole where this process asked itself; else what the store kept of it. */
export const findingsOf = (diagnosis: Diagnosis): readonly Finding[] => WHOLE.get(diagnosis) ?? diagnosis.probes;

/** What was asked, and what the tree found out by itself. */
const wholeFindings = (findings: readonly Finding[], { probes }: Diagnosis): readonly Finding[] => {
  const asked = new Set(findings.map(({ name }) => name));
  return [...findings, ...probes.filter(({ name }) => !asked.has(name))];
};

/** Trouble that another key may not have. */
const OF_KEY = /^(?:config\.api_key_malformed$|auth\.|access\.|billing\.|rate\.|quota\.)/;

/** Before anybody blames a key, it is looked whether there is another one by now. */
const askWithPresentKey = async (
  parts: DiagnoseParts,
  target: ServiceTarget,
  listening: Listening,
): Promise<readonly Finding[]> => {
  const readKey = ({ fresh }: KeyReading) =>
    parts.secrets.value(target.secretId, { label: 'AWSCURRENT' }, { fresh }).catch(() => null);
  const key = await readKey(listening.how);
  const findings = await askProbes(parts, target, { key, ...listening });
  // The standby key and other regions may refuse for themselves.
  if (!findings.some(({ name, branch = '' }) => OF_KEY.test(branch) && NEEDED.test(name))) return findings;
  const present = await readKey({ fresh: true });
  return present === null || present === key ? findings : askProbes(parts, target, { key: present, ...listening });
};

const askProbes = async (
  parts: DiagnoseParts,
  target: ServiceTarget,
  { key, onAnswer, how }: Listening & { readonly key: string | null },
): Promise<readonly Finding[]> => {
  const { askedMs, withheld } = await spendOnProbes(parts, target, { isRoutine: !how.fresh });
  const asking: ProbeInput = {
    target,
    key,
    mistral: parts.mistral,
    health: parts.health,
    sources: parts.sources,
    // Always the one of now: whether it is good decides whether rotating is offered.
    readStandby: () => parts.secrets.value(target.secretId, { label: 'STANDBY' }, { fresh: true }),
    withheld,
    clock: parts.clock,
    wait: parts.wait,
    deadlineMs: parts.settings.probeDeadlineMs,
    ...(onAnswer ? { onAnswer } : {}),
  };
  const answers = await (how.explains === 'trouble' ? askInSteps(asking) : runProbes(asking));
  const findings = answers.map(judge);
  await noteProbes(parts, target, { askedMs, findings });
  return findings;
};

/** So much of the deadline is left for what explains, whatever the first questions took. */
const LEAST_SHARE = 1 / 3;

/** What explains trouble only where the first questions leave room for some. */
const askInSteps = async (asking: ProbeInput): Promise<readonly ProbeAnswer[]> => {
  const startedMs = asking.clock.nowMs();
  const first = await runProbes({ ...asking, only: isFirstQuestion });
  if (!first.some(isTrouble)) return first;
  const leftMs = asking.deadlineMs - Math.max(0, asking.clock.nowMs() - startedMs);
  const deadlineMs = Math.ceil(Math.max(leftMs, asking.deadlineMs * LEAST_SHARE));
  const only = (name: string): boolean => !isFirstQuestion(name);
  return [...first, ...(await runProbes({ ...asking, only, deadlineMs, isTrouble: true }))];
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
  return (
    (askedMs >= sinceMs && nowMs - answeredMs(last) < sharedMs) || nowMs - askedMs < limitedMs(parts, last) - 1_000
  );
};

/** How long nobody asks again while the budget of the API is the problem; 0 where it is not. */
const limitedMs = ({ settings: { limitedRecheckMs } }: DiagnoseParts, diagnosis: Diagnosis): number =>
  nextCheckMs(diagnosis, { recheckMs: 0, limitedRecheckMs });
