import type { Diagnosis } from '../domain/diagnosis.ts';
import { type Incident, isOpen } from '../domain/incident.ts';
import { BOT, changeIncident, type Happening, type Moment, setTimer } from '../domain/incident-change.ts';
import { reach, resolve, statusWhileOpen } from '../domain/incident-steps.ts';
import { isMoreSevere } from '../domain/severity.ts';

export type RecoverySettings = {
  readonly recheckMs: number;
  readonly limitedRecheckMs: number;
  readonly quietMs: number;
};

/** Three in a row: one good answer between two bad ones is common in a partial outage (facts: recovery of an LLM API). */
const GOOD_CHECKS = 3;

/**
 * What one check of the real model means for an open incident. Unknown is neither good nor bad, but it ends a row of good checks.
 * Three good checks make it monitoring, a quiet window without firing alerts makes it resolved, a problem takes it back.
 */
export const applyCheck = (
  incident: Incident,
  diagnosis: Diagnosis,
  settings: RecoverySettings,
  moment: Moment,
): Incident => {
  if (!isOpen(incident)) return incident;
  const timed = planNextCheck(incident, diagnosis, settings, moment);
  const told = tellDiagnosis(timed, diagnosis, moment);
  switch (diagnosis.verdict) {
    case 'healthy':
      return applyGoodCheck({ ...told, goodChecks: told.goodChecks + 1 }, settings, moment);
    case 'problem':
      return applyBadCheck(told, diagnosis, moment);
    case 'unknown':
      return { ...told, goodChecks: 0 };
  }
};

const planNextCheck = (
  incident: Incident,
  diagnosis: Diagnosis,
  settings: RecoverySettings,
  moment: Moment,
): Incident => ({
  ...incident,
  timers: setTimer(incident.timers, {
    kind: 'recheck',
    dueMs: moment.nowMs + nextCheckMs(diagnosis, settings),
    refId: null,
  }),
});

/** A probe spends the same budget as the application: where that budget is the problem, it is asked less often. */
export const nextCheckMs = (
  diagnosis: Diagnosis,
  settings: Pick<RecoverySettings, 'recheckMs' | 'limitedRecheckMs'>,
): number =>
  /^(rate|quota|capacity)\./.test(diagnosis.branch)
    ? Math.max(settings.limitedRecheckMs, settings.recheckMs)
    : settings.recheckMs;

/** The first diagnosis and every other problem than before are told; the same one again, and a healthy check, are not. */
const tellDiagnosis = (incident: Incident, diagnosis: Diagnosis, moment: Moment): Incident => {
  const known = incident.diagnosis;
  const isNews = known === null || (diagnosis.verdict === 'problem' && known.branch !== diagnosis.branch);
  if (!isNews) return incident;
  const raises =
    diagnosis.verdict === 'problem' &&
    diagnosis.severity !== null &&
    incident.severitySetBy !== 'person' &&
    isMoreSevere(diagnosis.severity, incident.severity);
  const happenings: Happening[] = [
    {
      kind: 'diagnosed',
      actor: BOT,
      text: diagnosis.cause,
      refs: diagnosis.probes.map((probe) => `probe ${probe.name}`),
      note: { kind: 'diagnosis' },
    },
  ];
  if (raises)
    happenings.push({
      kind: 'severity-changed',
      actor: BOT,
      text: `Severity raised from ${incident.severity} to ${diagnosis.severity}: ${diagnosis.cause}`,
    });
  const patch: Partial<Incident> = {
    diagnosis,
    ...(raises && diagnosis.severity ? { severity: diagnosis.severity, severitySetBy: 'diagnosis' as const } : {}),
    ...(diagnosis.verdict === 'problem' ? { milestones: reach(incident, 'causeIdentified', moment.at) } : {}),
  };
  return changeIncident(incident, moment, patch, happenings);
};

const applyGoodCheck = (incident: Incident, settings: RecoverySettings, moment: Moment): Incident => {
  if (incident.status === 'monitoring') return watchQuiet(incident, settings, moment);
  if (incident.goodChecks < GOOD_CHECKS) return incident;
  const minutes = Math.max(1, Math.round(settings.quietMs / 60_000));
  const text = `${GOOD_CHECKS} good checks in a row: monitoring. It resolves by itself after ${minutes} quiet ${minutes === 1 ? 'minute' : 'minutes'} without a firing alert.`;
  const patch: Partial<Incident> = {
    status: 'monitoring',
    quietSince: moment.at,
    milestones: reach(incident, 'mitigated', moment.at),
  };
  return changeIncident(incident, moment, patch, [
    { kind: 'status-changed', actor: BOT, text, note: { kind: 'update' } },
  ]);
};

const watchQuiet = (incident: Incident, settings: RecoverySettings, moment: Moment): Incident => {
  if (incident.totals.firing > 0) return { ...incident, quietSince: moment.at };
  const quietMs = moment.nowMs - Date.parse(incident.quietSince ?? moment.at);
  if (quietMs < settings.quietMs || hasTemporaryMitigation(incident)) return incident;
  const step = resolve(
    incident,
    { actor: BOT, because: 'the real model answered well and no alert fired for the whole quiet window.' },
    moment,
  );
  return 'refused' in step ? incident : step.incident;
};

/** While a fallback is on, good answers prove nothing about going back: it is undone or ends first. */
const hasTemporaryMitigation = (incident: Incident): boolean =>
  incident.mitigations.some(
    (mitigation) =>
      mitigation.kind !== 'rotate-key' && (mitigation.state === 'active' || mitigation.state === 'reverting'),
  );

const applyBadCheck = (incident: Incident, diagnosis: Diagnosis, moment: Moment): Incident => {
  const calm = { ...incident, goodChecks: 0 };
  if (incident.status !== 'monitoring') return calm;
  const status = statusWhileOpen(incident);
  const text = `Relapse, back to ${status}: ${diagnosis.cause}`;
  return changeIncident(calm, moment, { status, quietSince: null }, [
    { kind: 'status-changed', actor: BOT, text, note: { kind: 'update' } },
  ]);
};
