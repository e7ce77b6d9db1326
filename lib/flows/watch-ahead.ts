import { type AheadRecord, type Drill, NOTHING_AHEAD } from '../domain/ahead.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { isCarried } from '../domain/finding-facts.ts';
import { lookAhead } from '../triage/ahead.ts';
import { toAlert } from '../triage/ahead-alert.ts';
import { isDrillDue, noteDrill } from '../triage/ahead-drill.ts';
import { judge } from '../triage/judge.ts';
import { findingsOf } from './diagnose-service.ts';
import type { FlowSettings, Parts } from './parts.ts';
import { spendOnProbes } from './spend-on-probes.ts';
import { placeKey } from './target-of.ts';

type AheadParts = Pick<Parts, 'store' | 'jobs' | 'secrets' | 'mistral' | 'clock' | 'wait' | 'log' | 'settings'>;
type Target = FlowSettings['services'][number];

/**
 * What the routine check of a service says about later. Every warning is an alert of our own that goes the way of all alerts: put once
 * when it begins and once when its cause is gone. It never keeps up the check that it rides on.
 */
export const watchAhead = async (parts: AheadParts, target: Target, diagnosis: Diagnosis): Promise<void> => {
  try {
    await lookAndTell(parts, target, diagnosis);
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    parts.log('ahead.failed', { service: target.name, environment: target.environment, why });
  }
};

const lookAndTell = async (parts: AheadParts, target: Target, diagnosis: Diagnosis): Promise<void> => {
  const key = placeKey(target);
  const nowMs = parts.clock.nowMs();
  const stored = await parts.store.read('ahead', key);
  const before = stored?.record ?? NOTHING_AHEAD;
  const fallback = target.fallbackModels?.[0] ?? null;
  const drill = await drillFallback(parts, target, { diagnosis, before, fallback });
  const ahead = lookAhead({
    models: [...new Set([...target.models, ...(target.fallbackModels ?? [])])],
    // An earlier answer that stands for a question which was not put is no new look.
    findings: findingsOf(diagnosis).filter((finding) => !isCarried(finding)),
    atMs: Date.parse(diagnosis.at),
    nowMs,
    known: { ...before, drill },
    ends: parts.settings.modelEnds ?? {},
    fallback,
  });
  if (JSON.stringify(ahead.known) === JSON.stringify(before)) return;
  await putAlerts(parts, target, ahead);
  // Of two that looked at once one is remembered; what the other put says the same again, which counts as a repeat.
  await parts.store.write('ahead', key, ahead.known, stored?.version ?? 0);
};

/** Put before it is remembered: after a crash between the two it is put again, which tells nobody twice. */
const putAlerts = async (
  parts: AheadParts,
  target: Target,
  { begin, end }: Pick<ReturnType<typeof lookAhead>, 'begin' | 'end'>,
): Promise<void> => {
  if (begin.length + end.length === 0) return;
  const at = new Date(parts.clock.nowMs()).toISOString();
  const place = { service: target.name, environment: target.environment };
  const alerts = [
    ...end.map((one) => toAlert(one, place, { state: 'resolved', at })),
    ...begin.map((one) => toAlert(one, place, { state: 'firing', at })),
  ];
  const names = (those: typeof begin) => those.map(({ subject, step }) => `${subject} ${step}`).join(', ');
  parts.log('ahead.told', { service: target.name, begins: names(begin), ends: names(end) });
  const body = { kind: 'alerts', alerts, acceptedAt: at, truncated: null } as const;
  await parts.jobs.put([{ id: `ahead:${placeKey(target)}:${parts.clock.nowMs()}`, queue: 'jobs', body }]);
};

const DRILL_MS = 10_000;

type Rehearsal = {
  readonly diagnosis: Diagnosis;
  readonly before: AheadRecord;
  readonly fallback: string | null;
};

/** The way out is rehearsed while all is well, with one token: in trouble it would only say what everybody knows, and spend what is short. */
const drillFallback = async (
  parts: AheadParts,
  target: Target,
  { diagnosis, before, fallback }: Rehearsal,
): Promise<Drill | null> => {
  const atMs = parts.clock.nowMs();
  if (fallback === null || diagnosis.verdict !== 'healthy' || !isDrillDue(before.drill, fallback, atMs))
    return before.drill;
  const key = await parts.secrets.value(target.secretId, { label: 'AWSCURRENT' }).catch(() => null);
  const { withheld } = await spendOnProbes(parts, { ...target, models: [fallback], streams: false });
  if (key === null || key.trim() === '' || withheld.size > 0) return before.drill;
  const result = await parts.mistral.chatOnce(key.trim(), fallback, DRILL_MS);
  const asked = { name: `chat:${fallback}`, question: '', latencyMs: result.latencyMs, evidence: result.evidence };
  const answer = result.ok
    ? ({ ...asked, outcome: 'ok' } as const)
    : ({ ...asked, outcome: 'failed', failure: result.failure } as const);
  return noteDrill({ before: before.drill, model: fallback, finding: judge(answer), atMs });
};
