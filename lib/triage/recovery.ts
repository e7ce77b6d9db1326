import { isOfWarnings } from '../domain/ahead.ts';
import type { Advice, Diagnosis } from '../domain/diagnosis.ts';
import { type Incident, isDoubted, isOpen, standingOfCause } from '../domain/incident.ts';
import { BOT, changeIncident, type Happening, type Moment } from '../domain/incident-change.ts';
import { reach, resolve, statusWhileOpen, withoutMitigated } from '../domain/incident-steps.ts';
import { isMoreSevere } from '../domain/severity.ts';
import { readTraffic, type Traffic, waitingMs } from './impact.ts';
import { type CheckSettings, isLoud, planNextCheck } from './next-check.ts';

export type RecoverySettings = CheckSettings & { readonly quietMs: number };

/** Three in a row: one good answer between two bad ones is common in a partial outage. */
const GOOD_CHECKS = 3;

/**
 * What one check of the real model means for an open incident. Unknown is neither good nor bad, but it ends a row of good checks.
 * Three good checks make it monitoring, a quiet window without firing alerts makes it resolved, a problem takes it back. Of an incident of
 * warnings alone only good checks count: what is wrong with the service now is not what it warns of.
 */
export const applyCheck = (
  incident: Incident,
  diagnosis: Diagnosis,
  settings: RecoverySettings,
  moment: Moment,
): Incident => {
  if (!isOpen(incident)) return incident;
  const isAbout = diagnosis.verdict === 'healthy' || !isOfWarnings(incident);
  const checked = isAbout ? applyVerdict(incident, diagnosis, settings, moment) : incident;
  return planNextCheck(checked, diagnosis, settings, moment);
};

const applyVerdict = (
  incident: Incident,
  diagnosis: Diagnosis,
  settings: RecoverySettings,
  moment: Moment,
): Incident => {
  const told = tellDiagnosis(incident, diagnosis, moment);
  if (isStillSlow(incident.diagnosis, diagnosis)) return showChange(told, withoutGoodIn(told), moment);
  switch (diagnosis.verdict) {
    case 'healthy':
      return applyGoodCheck(
        showChange(told, noteMitigated(countGoodCheck(told, diagnosis, settings), diagnosis, moment), moment),
        settings,
        moment,
      );
    case 'problem':
      return applyBadCheck(told, diagnosis, moment);
    case 'unknown':
      return showChange(told, withoutGoodIn(told), moment);
  }
};

const withoutGood = (incident: Incident): Incident => ({ ...incident, goodChecks: 0, wellSince: null });

/** After a check that is neither good nor bad: whoever watches for relapses has seen none. */
const withoutGoodIn = (incident: Incident): Incident =>
  incident.status === 'monitoring' ? { ...incident, goodChecks: 0 } : withoutGood(incident);

const trafficIn = ({ probes }: Diagnosis): Traffic | null =>
  readTraffic(probes.find(({ name }) => name === 'traffic') ?? null);

/** It began with slow calls, and they take more than half as long as then: after an hour the metrics compare them with themselves. */
const isStillSlow = (known: Diagnosis | null, diagnosis: Diagnosis): boolean => {
  if (known?.verdict !== 'problem' || diagnosis.verdict !== 'healthy' || !/^(?:app\.|unknown$)/.test(known.branch))
    return false;
  const began = trafficIn(known);
  const [thenMs, nowMs] = [waitingMs(began), waitingMs(trafficIn(diagnosis))];
  return began?.state === 'slow' && thenMs !== null && nowMs !== null && nowMs > thenMs / 2;
};

/** The message tells a cause that is over in other words and without buttons: it is due when that changes. */
const showChange = (before: Incident, after: Incident, moment: Moment): Incident =>
  standingOfCause(before) === standingOfCause(after) ? after : changeIncident(after, moment, {}, []);

/** Another problem than the one that is known, or the same with other words or other advice. */
const differs = (known: Diagnosis, diagnosis: Diagnosis): boolean =>
  isOther(known, diagnosis) ||
  known.cause !== diagnosis.cause ||
  known.severity !== diagnosis.severity ||
  !isSameAdvice(known.mitigations, diagnosis.mitigations) ||
  !isSameAdvice(known.notOffered, diagnosis.notOffered);

const isOther = (known: Diagnosis, diagnosis: Diagnosis): boolean =>
  known.verdict !== diagnosis.verdict || known.branch !== diagnosis.branch;

const isSameAdvice = (known: readonly Advice[], advice: readonly Advice[]): boolean =>
  known.length === advice.length &&
  advice.every(({ kind, why }, index) => known[index]?.kind === kind && known[index]?.why === why);

/** A healthy answer does not replace a known cause, which the postmortem needs; it does replace that nothing could be told. */
const isNews = (known: Diagnosis | null, diagnosis: Diagnosis, isAskedAnew: boolean): boolean => {
  if (known === null) return true;
  switch (diagnosis.verdict) {
    case 'problem':
      return isAskedAnew || differs(known, diagnosis);
    case 'healthy':
      return known.verdict === 'unknown' || (isAskedAnew && known.verdict === 'healthy');
    case 'unknown':
      return false;
  }
};

/**
 * The first diagnosis (also after a reopening) and every other problem than before are told in the thread; the same problem with other words or other advice is
 * shown by the message alone, so that what it offers is what can be pressed.
 */
const tellDiagnosis = (incident: Incident, diagnosis: Diagnosis, moment: Moment): Incident => {
  const known = incident.diagnosis;
  const isAskedAnew = known !== null && isDoubted(incident, known) && !isDoubted(incident, diagnosis);
  if (!isNews(known, diagnosis, isAskedAnew)) return incident;
  const raises =
    diagnosis.verdict === 'problem' &&
    diagnosis.severity !== null &&
    incident.severitySetBy !== 'person' &&
    isMoreSevere(diagnosis.severity, incident.severity);
  const happenings: Happening[] =
    known === null || isAskedAnew || isOther(known, diagnosis)
      ? [
          {
            kind: 'diagnosed',
            actor: BOT,
            text: diagnosis.cause,
            refs: diagnosis.probes.map((probe) => `probe ${probe.name}`),
            note: { kind: 'diagnosis' },
          },
        ]
      : [];
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

/** Checks count that lie apart: three answers within seconds are one answer. */
const countGoodCheck = (incident: Incident, diagnosis: Diagnosis, { recheckMs }: RecoverySettings): Incident => {
  const last = incident.goodChecks === 0 ? undefined : incident.goodCheckAt;
  if (last !== undefined && Date.parse(diagnosis.at) - Date.parse(last) < recheckMs / 2) return incident;
  const wellSince = incident.wellSince ?? diagnosis.at;
  return { ...incident, goodChecks: incident.goodChecks + 1, goodCheckAt: diagnosis.at, wellSince };
};

/** A button that is done has mitigated nothing yet: the first good answer that was asked for after it has. */
const noteMitigated = (incident: Incident, diagnosis: Diagnosis, moment: Moment): Incident => {
  const helped = incident.mitigations.some(
    ({ state, since }) => state === 'active' && since !== undefined && diagnosis.at >= since,
  );
  return helped ? { ...incident, milestones: reach(incident, 'mitigated', moment.at) } : incident;
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
  if (isLoud(incident)) return { ...incident, quietSince: moment.at };
  const quietMs = moment.nowMs - Date.parse(incident.quietSince ?? moment.at);
  if (quietMs < settings.quietMs) return incident;
  const step = resolve(
    incident,
    { actor: BOT, because: 'the real model answered well and no alert fired for the whole quiet window.' },
    moment,
  );
  return 'refused' in step ? incident : step.incident;
};

const applyBadCheck = (incident: Incident, diagnosis: Diagnosis, moment: Moment): Incident => {
  const calm = { ...withoutGood(incident), milestones: withoutMitigated(incident) };
  if (incident.status !== 'monitoring') return showChange(incident, calm, moment);
  const status = statusWhileOpen(incident);
  const text = `Relapse, back to ${status}: ${diagnosis.cause}`;
  return changeIncident(calm, moment, { status, quietSince: null }, [
    { kind: 'status-changed', actor: BOT, text, note: { kind: 'update' } },
  ]);
};
