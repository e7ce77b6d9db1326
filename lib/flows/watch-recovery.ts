import type { RoutineCheck } from '../domain/check.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { type Incident, isOpen } from '../domain/incident.ts';
import { changeIncident, setTimer } from '../domain/incident-change.ts';
import type { Store } from '../ports/store.ts';
import { troubleSince } from '../triage/deploy.ts';
import { planNextCheck } from '../triage/next-check.ts';
import { applyCheck } from '../triage/recovery.ts';
import { summariseCheck } from '../triage/summarise-check.ts';
import { changeStored } from './change-incident.ts';
import { diagnoseService, type Freshness, freshNow, SHARED_MS } from './diagnose-service.ts';
import { momentOf, type Parts } from './parts.ts';
import { placeKey } from './target-of.ts';
import { watchAhead } from './watch-ahead.ts';

/**
 * One check of an open incident: ask, decide, save; the saved incident carries its next check. The answer to another incident of the
 * service since this one last changed serves as well, while it is younger than half of the time between two checks.
 */
export const checkIncident = async (parts: Parts, incidentId: string): Promise<void> => {
  const stored = await parts.store.read('incident', incidentId);
  if (!stored || !isOpen(stored.record)) return;
  const diagnosis = await diagnoseService(parts, stored.record, {
    sinceMs: Date.parse(stored.record.updatedAt),
    sharedMs: parts.settings.recheckMs / 2,
    since: troubleSince(stored.record),
  });
  await changeStored(parts, incidentId, (incident) => ({
    incident: applyCheck(incident, diagnosis, parts.settings, momentOf(parts)),
    answer: null,
  }));
};

/** The clocks of two machines, and a queue that counts in whole seconds, may differ by this much. */
const EARLY_MS = 1_000;
/**
 * So many probe deadlines a check belongs to who claimed it: its own question after one that was being asked already, and as long again
 * for what is read and written around them. Who died in it is replaced when the timer is found again.
 */
const CLAIM_DEADLINES = 4;

/**
 * A check whose time has come. Its job is put by everybody who changed the incident and by the clock, in processes that know nothing of
 * each other: only who moves its timer asks, and all others find it moved.
 */
export const recheckIncident = async (parts: Parts, incidentId: string): Promise<void> => {
  const claimedMs = parts.clock.nowMs() + CLAIM_DEADLINES * parts.settings.probeDeadlineMs;
  const isMine = await moveRecheck(parts, incidentId, (dueMs) => dueMs <= parts.clock.nowMs() + EARLY_MS, claimedMs);
  if (!isMine) return;
  try {
    await checkIncident(parts, incidentId);
  } catch (error) {
    // The job comes again sooner than that.
    await moveRecheck(parts, incidentId, (dueMs) => dueMs === claimedMs, parts.clock.nowMs()).catch(() => null);
    throw error;
  }
};

/** Whether it was moved. Nobody is nudged: the check itself sets the next one, and the clock finds one that was claimed in vain. */
const moveRecheck = (
  parts: Parts,
  incidentId: string,
  mayMove: (dueMs: number) => boolean,
  dueMs: number,
): Promise<boolean | null> =>
  changeStored({ ...parts, nudge: () => undefined }, incidentId, (incident) => {
    const next = incident.timers.find(({ kind }) => kind === 'recheck');
    if (!isOpen(incident) || (next && !mayMove(next.dueMs))) return { answer: false };
    const timers = setTimer(incident.timers, { kind: 'recheck', dueMs, refId: null });
    return { incident: { ...incident, timers }, answer: true };
  });

/** A person asked: the answer is told in the thread even when it is the same as before, then in one line. */
export const checkForPerson = async (parts: Parts, incidentId: string, user: string): Promise<void> => {
  const stored = await parts.store.read('incident', incidentId);
  if (!stored) return;
  const diagnosis = await diagnoseService(parts, stored.record, {
    ...freshNow(parts),
    since: troubleSince(stored.record),
  });
  await changeStored(parts, incidentId, (incident) => {
    const moment = momentOf(parts);
    const checked = applyCheck(incident, diagnosis, parts.settings, moment);
    const told = checked.outbox.notes.length > incident.outbox.notes.length;
    const text = `Triage, asked by <@${user}>: ${isAsBefore(incident, diagnosis) ? 'as before: ' : ''}${diagnosis.cause}`;
    const happening = { kind: 'diagnosed', actor: user, text, note: { kind: 'update' } } as const;
    const next = told ? checked : changeIncident(checked, moment, {}, [happening]);
    return { incident: planNextCheck(next, diagnosis, parts.settings, moment), answer: null };
  });
};

const isAsBefore = ({ diagnosis: known }: Incident, { verdict, branch, cause }: Diagnosis): boolean =>
  known !== null && known.verdict === verdict && known.branch === branch && known.cause === cause;

const HOUR_MS = 3_600_000;

/** Whether this is the first check of an hour, or of all: then also what only explains trouble is asked, for the watching ahead. */
const isHourly = (lastAt: string | undefined, nowMs: number): boolean =>
  lastAt === undefined || Math.floor(Date.parse(lastAt) / HOUR_MS) !== Math.floor(nowMs / HOUR_MS);

/** The routine check that is running in this process, by the store that keeps it. */
const RUNNING = new WeakMap<Store, Promise<void>>();

/**
 * The routine check of every configured service, from which GET /health is answered. All are asked at once, so that services which hang
 * cost one deadline together; an answer that an incident got a while ago, or is just being asked for, serves this, too. It alone may use a
 * key that was read a while ago, and asks what explains trouble only when there is some: it comes each minute, and what it says is said
 * again by the next. Two that are due at once, as one that an earlier start left behind and the present one, are one.
 */
export const checkRoutinely = (parts: Parts): Promise<void> => {
  const present = RUNNING.get(parts.store);
  if (present !== undefined) return present;
  const mine = checkAll(parts).finally(() => RUNNING.delete(parts.store));
  RUNNING.set(parts.store, mine);
  return mine;
};

const checkAll = async (parts: Parts): Promise<void> => {
  const { recheckMs, routineMs, services } = parts.settings;
  const last = await parts.store.read('check', 'routine');
  const fresh: Freshness = {
    sinceMs: 0,
    sharedMs: Math.max(SHARED_MS, Math.min(recheckMs, routineMs) / 2),
    mayKeepKey: true,
    explains: isHourly(last?.record.checkedAt, parts.clock.nowMs()) ? 'always' : 'trouble',
  };
  const checked = await Promise.all(services.map((target) => checkService(parts, target, fresh)));
  const record: RoutineCheck = {
    checkedAt: new Date(parts.clock.nowMs()).toISOString(),
    intervalMs: routineMs,
    services: Object.fromEntries(checked),
  };
  for (let stored = last; ; stored = await parts.store.read('check', 'routine'))
    if ((await parts.store.write('check', 'routine', record, stored?.version ?? 0)) !== null) return;
};

type Checked = readonly [place: string, line: RoutineCheck['services'][string]];

/** One that cannot be checked, as when its record cannot be read, keeps up no other. */
const checkService = async (
  parts: Parts,
  target: Parts['settings']['services'][number],
  fresh: Freshness,
): Promise<Checked> => {
  try {
    const place = { service: target.name, environment: target.environment };
    const diagnosis = await diagnoseService(parts, place, fresh);
    await watchAhead(parts, target, diagnosis);
    return [placeKey(target), summariseCheck(diagnosis, target.models)];
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    parts.log('routine.failed', { service: target.name, environment: target.environment, why });
    return [placeKey(target), { status: 'degraded', latencyMs: 0, error: 'unknown' }];
  }
};
