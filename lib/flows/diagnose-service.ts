import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { planMitigations } from '../mitigate/plan.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import type { Store } from '../ports/store.ts';
import { isTrouble } from '../probes/trouble.ts';
import { isSameDeploy } from '../triage/deploy.ts';
import { nextCheckMs } from '../triage/next-check.ts';
import { type DiagnoseContext, diagnose } from '../triage/tree.ts';
import { askWithPresentKey, type OnAnswer, type Reading } from './ask-probes.ts';
import { type Asking, askTogether, createAsking } from './ask-together.ts';
import type { Parts } from './parts.ts';
import { placeKey, type ServicePlace, targetOf, tellUnconfigured } from './target-of.ts';
import { findWayOut } from './way-out.ts';

type DiagnoseParts = Pick<
  Parts,
  'store' | 'secrets' | 'mistral' | 'health' | 'sources' | 'clock' | 'wait' | 'settings' | 'log'
>;

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
  /**
   * A key that was read a while ago will do, since reading costs. What it answers says nothing to others: the key may be another one by
   * now.
   */
  readonly mayKeepKey?: boolean;
  /**
   * Whether what only explains trouble is asked when there is some, and not before. Holds together with a kept key alone, since others
   * need all of it.
   */
  readonly explains?: 'always' | 'trouble';
  /**
   * When the trouble of who asks began, ISO 8601 UTC; absent: now. One answer tells each of those who share it of the deploy before
   * theirs.
   */
  readonly since?: string | undefined;
};

/** For who asks now and knows of nothing before. */
export const freshNow = ({ clock }: Pick<Parts, 'clock'>): Freshness => ({
  sinceMs: clock.nowMs(),
  sharedMs: SHARED_MS,
});

/**
 * The decision tree once for a service. One answer serves all incidents of the service that ask at the same time, also while it has not
 * come yet; `onAnswer` hears of it as far as it is asked for this caller. While the budget of the API is the problem it is not asked again
 * within the minute, whoever asks.
 */
export const diagnoseService = async (
  parts: DiagnoseParts,
  place: ServicePlace,
  fresh: Freshness = freshNow(parts),
  onAnswer?: OnAnswer,
): Promise<Diagnosis> => {
  const target = targetOf(parts, place);
  if (target === null) return tellUnconfigured(parts, place);
  const key = placeKey(target);
  const last = await parts.store.read('diagnosis', key);
  const held =
    last && isStillGood(parts, last.record, fresh) ? seenSince(heldFor(parts, key, last.record), fresh) : null;
  if (held !== null) return held;
  const asking = askingOf(parts.store);
  const isKept = fresh.mayKeepKey === true && !asking.now.has(key);
  const question = { key: isKept ? `${key} kept` : key, sinceMs: fresh.sinceMs, nowMs: parts.clock.nowMs };
  const answer = await askTogether(asking, question, async () => {
    const diagnosis = await askTheWorld(parts, target, onAnswer, {
      fresh: !isKept,
      explains: isKept ? (fresh.explains ?? 'always') : 'always',
      since: fresh.since,
    });
    // Trouble is trouble with either key, or the key was read again; that all is well says nothing about another key.
    if (isKept && diagnosis.verdict === 'healthy') return diagnosis;
    const before = await parts.store.read('diagnosis', key);
    await parts.store.write('diagnosis', key, diagnosis, before?.version ?? 0);
    lastOf(parts.store).set(key, diagnosis);
    return diagnosis;
  });
  return seenSince(answer, fresh) ?? answer;
};

type How = Reading & Pick<Freshness, 'since'>;

/** Asks every probe at once and judges; what the terminal shows while it runs goes through `onAnswer`. */
export const askTheWorld = async (
  parts: DiagnoseParts,
  target: ServiceTarget,
  onAnswer?: OnAnswer,
  how: How = { fresh: true },
): Promise<Diagnosis> => {
  const at = new Date(parts.clock.nowMs()).toISOString();
  const findings = await askWithPresentKey(parts, target, { onAnswer, how });
  const [standby, wayOut] = await Promise.all([
    findStandby(parts, target, findings),
    findWayOut(parts, target, findings),
  ]);
  const planned = conclude({ findings, standby, wayOut, target, at, since: how.since });
  parts.log('service.diagnosed', {
    service: target.name,
    verdict: planned.verdict,
    branch: planned.branch,
    confidence: planned.confidence,
  });
  return planned;
};

type Evidence = Pick<DiagnoseContext, 'at' | 'standby'> & {
  readonly findings: readonly Finding[];
  readonly target: ServiceTarget;
  readonly wayOut: Awaited<ReturnType<typeof findWayOut>>;
  readonly since: string | undefined;
};

/** A diagnosis is thinned to what may be stored; what it was judged by is kept beside it, as long as it is held by this process. */
const WHOLE = new WeakMap<Diagnosis, Evidence & { readonly whole: readonly Finding[] }>();

const conclude = (evidence: Evidence): Diagnosis => {
  const { findings, standby, wayOut, target, at, since } = evidence;
  const began = since === undefined ? {} : { since };
  const diagnosis = diagnose(findings, { at, service: target.name, models: target.models, standby, ...began });
  const whole = wholeFindings(findings, diagnosis);
  const plan = planMitigations({ ...diagnosis, probes: whole }, { standby, secretId: target.secretId, ...wayOut });
  const planned = { ...diagnosis, ...plan };
  WHOLE.set(planned, { ...evidence, whole });
  return planned;
};

/** The last diagnosis of each service that this process made itself. */
const LAST = new WeakMap<Store, Map<string, Diagnosis>>();

const lastOf = (store: Store): Map<string, Diagnosis> => {
  const last = LAST.get(store) ?? new Map<string, Diagnosis>();
  LAST.set(store, last);
  return last;
};

/** What is stored as it was made, where it was made here. */
const heldFor = ({ store }: DiagnoseParts, key: string, stored: Diagnosis): Diagnosis => {
  const own = lastOf(store).get(key);
  return own?.at === stored.at && own.cause === stored.cause ? own : stored;
};

/** The same answers, judged by when the trouble of this asker began; null: it would be judged otherwise, and what by is not kept. */
const seenSince = (diagnosis: Diagnosis, { since }: Freshness): Diagnosis | null => {
  const evidence = WHOLE.get(diagnosis);
  if (evidence === undefined) return isSameDeploy(diagnosis, since) ? diagnosis : null;
  return evidence.since === since ? diagnosis : conclude({ ...evidence, since });
};

/** What was found, whole where this process asked itself; else what the store kept of it. */
export const findingsOf = (diagnosis: Diagnosis): readonly Finding[] => WHOLE.get(diagnosis)?.whole ?? diagnosis.probes;

/** What was asked, and what the tree found out by itself. */
const wholeFindings = (findings: readonly Finding[], { probes }: Diagnosis): readonly Finding[] => {
  const asked = new Set(findings.map(({ name }) => name));
  return [...findings, ...probes.filter(({ name }) => !asked.has(name))];
};

/** Not looked for while all is well: nobody rotates then, and each look costs. */
const findStandby = async (
  { secrets }: DiagnoseParts,
  { secretId }: ServiceTarget,
  findings: readonly Finding[],
): Promise<DiagnoseContext['standby']> => {
  if (!findings.some(isTrouble)) return 'unknown';
  const labels = await secrets.labels(secretId).catch(() => undefined);
  if (labels === undefined) return 'unknown';
  return labels?.has('STANDBY') ? 'present' : 'absent';
};

/**
 * The probes are asked at once, so the slowest of them says when the answer came: an API that hangs gives answers that are old when they
 * come.
 */
const answeredMs = (diagnosis: Diagnosis): number =>
  Date.parse(diagnosis.at) + Math.max(0, ...diagnosis.probes.map((probe) => probe.latencyMs));

/** The clocks of two machines may differ by this much. */
const CLOCKS_MS = 1_000;

const isStillGood = (parts: DiagnoseParts, last: Diagnosis, { sinceMs, sharedMs }: Freshness): boolean => {
  const askedMs = Date.parse(last.at);
  const nowMs = parts.clock.nowMs();
  // From a clock that was set back since: it would be good until that time comes again.
  if (askedMs > nowMs + CLOCKS_MS) return false;
  return (
    (askedMs >= sinceMs && nowMs - answeredMs(last) < sharedMs) || nowMs - askedMs < limitedMs(parts, last) - 1_000
  );
};

/** How long nobody asks again while the budget of the API is the problem; 0 where it is not. */
const limitedMs = ({ settings: { limitedRecheckMs } }: DiagnoseParts, diagnosis: Diagnosis): number =>
  nextCheckMs(diagnosis, { recheckMs: 0, limitedRecheckMs });
