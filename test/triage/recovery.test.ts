import { describe, expect, it } from 'vitest';
import { OWN_SOURCE } from '../../lib/domain/ahead.ts';
import type { Branch } from '../../lib/domain/branch.ts';
import type { Finding, ProbeFacts } from '../../lib/domain/diagnosis.ts';
import { type Incident, type MitigationSummary, standingOfCause } from '../../lib/domain/incident.ts';
import { reopen } from '../../lib/domain/incident-steps.ts';
import { ROTATION_LEASE } from '../../lib/local/preview-samples.ts';
import { reflectLease } from '../../lib/mitigate/request.ts';
import { followChange } from '../../lib/triage/next-check.ts';
import { applyCheck } from '../../lib/triage/recovery.ts';
import { at, atMs, makeDiagnosis, makeIncident, makeMoment } from '../make.ts';
import { finding } from './findings.ts';

const LEASE = { ...ROTATION_LEASE, id: 'LSE-1' };
const settings = { recheckMs: 30_000, limitedRecheckMs: 60_000, quietMs: 300_000 };
const good = makeDiagnosis('healthy', 'healthy');
const bad = makeDiagnosis('problem', 'auth.invalid_key', { severity: 'P1' });
const blind = makeDiagnosis('unknown', 'unknown');

const check = (incident: Incident, diagnosis = good, seconds = 60): Incident =>
  applyCheck(incident, { ...diagnosis, at: at(seconds) }, settings, makeMoment(seconds));
const diagnosed = makeIncident({ diagnosis: bad });
const quiet: Partial<Incident> = {
  diagnosis: bad,
  status: 'monitoring',
  goodChecks: 3,
  totals: { firing: 0, resolved: 1, nodata: 0, received: 2 },
};

const lease = (kind: MitigationSummary['kind'], state: MitigationSummary['state'] = 'active'): MitigationSummary => ({
  id: 'LSE-1',
  kind,
  state,
  requestedBy: 'U0MAYA',
  approvedBy: null,
  expiresAt: null,
  outcome: '',
});

describe('a check of an open incident', () => {
  it('tells the first diagnosis, once', () => {
    const first = check(makeIncident(), bad);
    expect(first.outbox.notes.map((note) => note.kind)).toEqual(['diagnosis']);
    expect(first.milestones.causeIdentified).toBe(at(60));
    const second = check(first, bad, 90);
    expect(second.outbox.notes).toHaveLength(1);
    expect(second.revision).toBe(first.revision);
  });

  it('tells another cause', () => {
    const other = check(diagnosed, makeDiagnosis('problem', 'provider.5xx'));
    expect(other.diagnosis?.branch).toBe('provider.5xx');
    expect(other.outbox.notes.map((note) => note.kind)).toEqual(['diagnosis']);
  });

  const noStandby = { kind: 'rotate-key', why: 'No standby key is kept.' } as const;
  const standby = { kind: 'rotate-key', why: 'The standby is tried first.' } as const;
  it.each([
    ['advice that is new', { notOffered: [noStandby] }, { mitigations: [standby] }],
    ['advice for another reason', { mitigations: [noStandby] }, { mitigations: [standby] }],
    ['a thing that would be useless now', {}, { notOffered: [noStandby] }],
    ['the cause in other words', {}, { cause: 'It concerns one model.' }],
  ] as const)('shows %s without telling the same problem again', (_name, before, after) => {
    const known = makeDiagnosis('problem', 'auth.invalid_key', before);
    const now = makeDiagnosis('problem', 'auth.invalid_key', after);
    const incident = makeIncident({ diagnosis: known });
    const shown = check(incident, now);
    expect(shown.diagnosis).toEqual({ ...now, at: at(60) });
    expect(shown.revision).toBe(incident.revision + 1);
    expect(shown.outbox.notes).toEqual([]);
  });

  it('tells a problem that could not be told before, also one without a name', () => {
    const told = check(makeIncident({ diagnosis: blind }), makeDiagnosis('problem', 'unknown'));
    expect(told.diagnosis?.verdict).toBe('problem');
    expect(told.outbox.notes.map((note) => note.kind)).toEqual(['diagnosis']);
  });

  it('shows that all is well where nothing could be told before, and not the other way round', () => {
    expect(check(makeIncident({ diagnosis: blind }), good).diagnosis?.verdict).toBe('healthy');
    expect(check(makeIncident({ diagnosis: good }), blind).diagnosis?.verdict).toBe('healthy');
  });

  it('keeps the cause when the world is well again: the postmortem needs it', () => {
    expect(check(diagnosed, good).diagnosis?.branch).toBe('auth.invalid_key');
  });

  it('raises the severity to the cause’s, but not over a person’s word', () => {
    expect(check(makeIncident({ severity: 'P3' }), bad)).toMatchObject({ severity: 'P1', severitySetBy: 'diagnosis' });
    expect(check(makeIncident({ severity: 'P3', severitySetBy: 'person' }), bad).severity).toBe('P3');
  });

  it.each([
    ['half a minute later', bad, 30],
    ['a whole minute later while a probe would spend the limited budget', makeDiagnosis('problem', 'rate.minute'), 60],
    ['a whole minute later when the model has no capacity', makeDiagnosis('problem', 'capacity.model'), 60],
  ] as const)('is followed by the next %s', (_name, diagnosis, seconds) => {
    const due = check(makeIncident(), diagnosis, 0).timers.filter((timer) => timer.kind === 'recheck');
    expect(due).toEqual([{ kind: 'recheck', dueMs: atMs(seconds), refId: null }]);
  });

  it.each([
    ['warnings of our own alone', [OWN_SOURCE], good, 600],
    ['a warning while something is wrong', [OWN_SOURCE], bad, 600],
    ['a warning and an alert', [OWN_SOURCE, 'alertmanager'], good, 30],
  ] as const)('of %s plans the next one', (_what, sources, diagnosis, seconds) => {
    const seen = { title: '', state: 'firing', severity: 'P4', count: 1, firstSeen: at(0), lastSeen: at(0) } as const;
    const alerts = sources.map((source) => ({ ...seen, key: source, source }));
    const { timers } = check(makeIncident({ alerts }), diagnosis, 0);
    expect(timers.find(({ kind }) => kind === 'recheck')?.dueMs).toBe(atMs(seconds));
  });

  it.each([
    ['firing', 'monitoring'],
    ['firing', 'investigating'],
    ['resolved', 'monitoring'],
  ] as const)('that is bad changes nothing of a warning that is %s and %s but its next check', (state, status) => {
    const seen = { key: 'k', title: '', severity: 'P4', count: 1, firstSeen: at(0), lastSeen: at(0) } as const;
    const incident = makeIncident({ alerts: [{ ...seen, state, source: OWN_SOURCE }], severity: 'P4', status });
    for (const diagnosis of [bad, blind])
      expect({ ...check(incident, diagnosis), timers: [] }).toEqual({ ...incident, timers: [] });
    const both = [...incident.alerts, { ...seen, state: 'resolved', source: 'alertmanager' } as const];
    expect(check({ ...incident, alerts: both }, bad)).toMatchObject({ severity: 'P1', status: 'investigating' });
  });

  const HOUR_S = 3_600;
  const DAY_S = 24 * HOUR_S;
  const limited = makeDiagnosis('problem', 'rate.minute');
  const loudWatch = { ...quiet, totals: { firing: 1, resolved: 0, nodata: 0, received: 1 } };
  it.each([
    ['in the first hour', { diagnosis: bad }, bad, HOUR_S - 1, 30],
    ['after an hour', { diagnosis: bad }, bad, HOUR_S, 300],
    ['until a day', { diagnosis: bad }, bad, DAY_S - 1, 300],
    ['after a day', { diagnosis: bad }, bad, DAY_S, 900],
    ['that finds a limit as ever', { diagnosis: limited }, limited, HOUR_S - 1, 60],
    ['that finds a limit as ever for an hour', { diagnosis: limited }, limited, HOUR_S, 300],
    ['that finds another cause', { diagnosis: bad }, limited, DAY_S, 60],
    ['that finds all well after a day', { diagnosis: bad }, good, DAY_S, 30],
    ['that waits for the end of the quiet window', quiet, good, DAY_S, 30],
    ['of what is well but still alarmed', loudWatch, good, DAY_S, 900],
    ['of what is well under a fallback', { ...quiet, mitigations: [lease('enable-fallback')] }, good, DAY_S, 900],
  ] as const)('that finds the same %s plans the next one', (_when, change, diagnosis, sinceS, waitS) => {
    const known = makeIncident({ wellSince: 'status' in change ? at(0) : null, ...change });
    const { timers } = check(known, diagnosis, sinceS);
    expect(timers.find(({ kind }) => kind === 'recheck')?.dueMs).toBe(atMs(sinceS + waitS));
  });

  it('does nothing to a resolved incident', () => {
    const over = makeIncident({ status: 'resolved' });
    expect(check(over, bad)).toBe(over);
  });
});

describe('after a reopening', () => {
  const reopened = makeIncident({ diagnosis: { ...bad, at: at(10) }, doubtedAt: at(60) });

  it('the cause of before is old until it is found again, which is told', () => {
    expect(standingOfCause(reopened)).toBe('old');
    const again = check(reopened, bad, 61);
    expect(again.diagnosis?.at).toBe(at(61));
    expect(standingOfCause(again)).toBe('present');
    expect(again.outbox.notes.map((note) => note.kind)).toEqual(['diagnosis']);
    expect(check(again, bad, 91).outbox.notes).toHaveLength(1);
  });

  it('an answer from before it finds nothing again', () => {
    const shared = check(reopened, bad, 59);
    expect(standingOfCause(shared)).toBe('old');
    expect(shared.outbox.notes).toEqual([]);
  });

  it('that all was well before is asked anew', () => {
    const well = makeIncident({ diagnosis: { ...good, at: at(10) }, doubtedAt: at(60) });
    expect(standingOfCause(check(well, good, 61))).toBe('present');
  });
});

describe('recovery', () => {
  it('is monitoring after three good checks in a row, not after two', () => {
    const two = check(check(diagnosed), good, 90);
    expect(two.status).toBe('investigating');
    const three = check(two, good, 120);
    expect(three).toMatchObject({ status: 'monitoring', quietSince: at(120), milestones: { mitigated: at(120) } });
  });

  it('counts no good check that was asked less than half of the time between two checks after the last', () => {
    const one = check(diagnosed, good, 60);
    const sameAnswer = applyCheck(one, { ...good, at: at(60) }, settings, makeMoment(90));
    expect(sameAnswer.goodChecks).toBe(1);
    expect(check(check(one, good, 61), good, 74.999).goodChecks).toBe(1);
    expect(check(one, good, 75).goodChecks).toBe(2);
  });

  it('counts the first good check after a bad one, however soon', () => {
    expect(check(check(check(diagnosed, good, 60), bad, 61), good, 62).goodChecks).toBe(1);
  });

  it.each([
    ['a bad one', bad],
    ['one that could not tell', blind],
  ] as const)('starts counting again after %s', (_name, between) => {
    const interrupted = check(check(check(diagnosed), between, 90), good, 120);
    expect(interrupted).toMatchObject({ status: 'investigating', goodChecks: 1 });
  });

  it('shows that the cause is over from the first good check on, since when, and takes it back on a bad one', () => {
    const one = check(diagnosed, good, 60);
    expect(one).toMatchObject({ wellSince: at(60), revision: diagnosed.revision + 1 });
    expect(standingOfCause(one)).toBe('over');
    const two = check(one, good, 90);
    expect(two).toMatchObject({ wellSince: at(60), revision: one.revision });
    for (const other of [bad, blind]) {
      const relapsed = check(two, other, 120);
      expect(relapsed.revision).toBe(two.revision + 1);
      expect(standingOfCause(relapsed)).toBe('present');
      expect(check(relapsed, good, 150).wellSince).toBe(at(150));
    }
  });

  it('stays over while a monitored incident cannot be asked', () => {
    const monitored = makeIncident({ ...quiet, wellSince: at(0) });
    const asked = check(monitored, blind, 60);
    expect(asked).toMatchObject({ goodChecks: 0, wellSince: at(0), revision: monitored.revision });
  });

  it('resolves when the quiet window is over and nothing fires', () => {
    const calm = makeIncident({ ...quiet, quietSince: at(0) });
    expect(check(calm, good, 299).status).toBe('monitoring');
    const resolved = check(calm, good, 300);
    expect(resolved).toMatchObject({ status: 'resolved', milestones: { resolved: at(300) } });
    expect(resolved.outbox.notes.map((note) => note.kind)).toEqual(['resolution']);
    expect(resolved.timers).toEqual([]);
  });

  it('never resolves while an alert fires, and the window begins anew', () => {
    const loud = makeIncident({
      ...quiet,
      quietSince: at(0),
      totals: { firing: 1, resolved: 0, nodata: 0, received: 1 },
    });
    const still = check(loud, good, 600);
    expect(still).toMatchObject({ status: 'monitoring', quietSince: at(600) });
  });

  it('never resolves on checks that could not tell', () => {
    expect(check(makeIncident({ ...quiet, quietSince: at(0) }), blind, 9_000).status).toBe('monitoring');
  });

  it.each(['applying', 'active', 'unknown', 'reverting'] as const)(
    'counts quiet only from when a fallback is over (it is %s)',
    (state) => {
      const calm = { ...quiet, quietSince: at(0) };
      const waiting = check(makeIncident({ ...calm, mitigations: [lease('enable-fallback', state)] }), good, 600);
      expect(waiting).toMatchObject({ status: 'monitoring', quietSince: at(600) });
      const over = { ...waiting, mitigations: [lease('enable-fallback', 'expired')] };
      expect(check(over, good, 899).status).toBe('monitoring');
      expect(check(over, good, 900).status).toBe('resolved');
    },
  );

  it('does not wait for a rotated key', () => {
    const calm = { ...quiet, quietSince: at(0) };
    expect(check(makeIncident({ ...calm, mitigations: [lease('rotate-key')] }), good, 600).status).toBe('resolved');
  });

  it('is mitigated by the first good check that was asked after a mitigation had taken effect', () => {
    const done = makeIncident({ diagnosis: bad, mitigations: [{ ...lease('enable-fallback'), since: at(60) }] });
    expect(check(done, good, 59).milestones.mitigated).toBeUndefined();
    expect(check(done, bad, 61).milestones.mitigated).toBeUndefined();
    const mitigated = check(done, good, 61);
    expect(mitigated.milestones.mitigated).toBe(at(61));
    expect(check(mitigated, good, 91).milestones.mitigated).toBe(at(61));
    const undone = { ...done, mitigations: [{ ...lease('enable-fallback', 'reverted'), since: at(60) }] };
    expect(check(undone, good, 61).milestones.mitigated).toBeUndefined();
    const again = check(check(mitigated, bad, 91), good, 121);
    expect(again.milestones.mitigated).toBe(at(121));
  });

  it('is told anew after a reopening and after an undo', () => {
    const milestones = { mitigated: at(0) };
    const step = reopen(
      makeIncident({ status: 'resolved', milestones }),
      { actor: 'U0MAYA', because: '' },
      makeMoment(1),
    );
    expect('incident' in step && step.incident.milestones).toEqual({});
    const incident = makeIncident({ milestones, mitigations: [lease('enable-fallback')] });
    const reverted = reflectLease(incident, { ...LEASE, state: 'reverted' }, makeMoment(2));
    expect(reverted.milestones.mitigated).toBeUndefined();
    const watched = reflectLease({ ...incident, status: 'monitoring' }, { ...LEASE, state: 'reverted' }, makeMoment(2));
    expect(watched.milestones.mitigated).toBe(at(0));
    expect(
      reflectLease(makeIncident({ mitigations: [lease('rotate-key', 'applying')] }), LEASE, makeMoment(2)).milestones
        .mitigated,
    ).toBeUndefined();
  });

  it('goes back on a relapse, in the same thread', () => {
    const relapsed = check(makeIncident({ ...quiet, quietSince: at(0), mitigations: [lease('rotate-key')] }), bad, 60);
    expect(relapsed).toMatchObject({ status: 'mitigating', goodChecks: 0, quietSince: null });
    expect(relapsed.outbox.notes.at(-1)?.text).toMatch(/^Relapse, back to mitigating/);
  });
});

describe('an incident that began with slow calls', () => {
  const traffic = (facts: ProbeFacts): Finding => ({ ...finding('traffic', 'ok'), facts });
  const told = (verdict: 'healthy' | 'problem', facts: ProbeFacts, branch: Branch = 'app.errors') =>
    makeDiagnosis(verdict, verdict === 'healthy' ? 'healthy' : branch, {
      probes: [traffic({ failingShare: 0, requestsPerMinute: 100, ...facts })],
    });
  const slow = told('problem', { p95Ms: 30_000, p95MsBefore: 900 });
  const as = (p95Ms: number) => told('healthy', { p95Ms, p95MsBefore: 30_000 });

  it.each([
    ['as slow as then', as(30_000), 0],
    ['hardly quicker', as(15_001), 0],
    ['clearly quicker', as(15_000), 1],
    ['quick', as(900), 1],
    ['not measured', told('healthy', {}), 1],
  ])('is well again where they are %s', (_how, diagnosis, goodChecks) => {
    const checked = check(makeIncident({ diagnosis: slow }), diagnosis);
    expect(checked).toMatchObject({ goodChecks, diagnosis: { cause: slow.cause, verdict: 'problem' } });
    expect(standingOfCause(checked)).toBe(goodChecks === 0 ? 'present' : 'over');
  });

  it('counts again from the first good check, and is not resolved while they are slow', () => {
    const two = check(check(makeIncident({ diagnosis: slow }), as(900), 60), as(900), 90);
    expect(check(check(two, as(30_000), 120), as(900), 150)).toMatchObject({ status: 'investigating', goodChecks: 1 });
    const calm = makeIncident({ ...quiet, diagnosis: slow, quietSince: at(0), wellSince: at(0) });
    expect(check(calm, as(30_000), 9_000)).toMatchObject({ status: 'monitoring', goodChecks: 0 });
  });

  it('is one whose calls were slow, and not failing or slow through Mistral', () => {
    const failing = told('problem', { p95Ms: 30_000, p95MsBefore: 900, failingShare: 0.4 });
    const outage = told('problem', { p95Ms: 30_000, p95MsBefore: 900 }, 'provider.5xx');
    const asEver = told('problem', { p95Ms: 30_000, p95MsBefore: 30_000 });
    for (const other of [failing, outage, asEver])
      expect(check(makeIncident({ diagnosis: other }), as(30_000)).goodChecks).toBe(1);
  });
});

describe('what people or alerts change', () => {
  const recheckIn = (seconds: number) => [{ kind: 'recheck', dueMs: atMs(seconds), refId: null }] as const;
  const old = makeIncident({ diagnosis: bad, timers: recheckIn(900) });
  const changed = { ...old, revision: old.revision + 1 };
  const follow = (before: Incident, after: Incident) => followChange(before, after, settings, makeMoment(60));

  it.each([
    ['at once where the next check was far away', old, changed, recheckIn(90)],
    [
      'as planned where that is sooner',
      { ...old, timers: recheckIn(61) },
      { ...changed, timers: recheckIn(61) },
      recheckIn(61),
    ],
    ['as planned by who changed it', old, { ...changed, timers: recheckIn(500) }, recheckIn(500)],
    ['as planned where nothing that shows has changed', old, { ...changed, revision: old.revision }, recheckIn(900)],
    ['never again where it is resolved', old, { ...changed, status: 'resolved' as const }, recheckIn(900)],
    ['never where no check was planned', { ...old, timers: [] }, { ...changed, timers: [] }, []],
  ])('is checked %s', (_when, before, after, timers) => {
    expect(follow(before, after).timers).toEqual(timers);
  });

  it('begins the quiet window when the last alert ends, or a fallback', () => {
    const totals = { firing: 1, resolved: 0, nodata: 0, received: 1 };
    const calm = makeIncident({ ...quiet, quietSince: at(0), timers: recheckIn(900) });
    const after = { ...calm, revision: calm.revision + 1 };
    expect(follow({ ...calm, totals }, after).quietSince).toBe(at(60));
    expect(follow({ ...calm, mitigations: [lease('enable-fallback')] }, after).quietSince).toBe(at(60));
    expect(follow(calm, after).quietSince).toBe(at(0));
    const relapsed: Incident = { ...after, status: 'investigating', quietSince: null };
    expect(follow({ ...calm, totals }, relapsed).quietSince).toBeNull();
  });
});
