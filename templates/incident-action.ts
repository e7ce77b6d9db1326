import { isWarning } from '../lib/domain/ahead.ts';
import type { Diagnosis } from '../lib/domain/diagnosis.ts';
import { type Incident, isOpen, type MitigationSummary, standingOfCause } from '../lib/domain/incident.ts';
import type { MitigationKind } from '../lib/domain/lease.ts';
import { MITIGATION_NAMES } from '../lib/domain/names.ts';
import { isNeedless } from '../lib/domain/needless.ts';
import { formatClock } from '../lib/domain/utc.ts';
import { hasButton, offeredKinds, stillFiring } from './incident-buttons.ts';
import { EMPTY, escapeText, joinText, type Mrkdwn, md } from './text.ts';
import { ACTIVE_WORDS, asSentence, byHand, count, describeAskers, outcomeOf, sinceWell } from './words.ts';

/** What is being done, and what to press now: one or two short sentences. */
export const describeAction = (incident: Incident): Mrkdwn => {
  switch (incident.status) {
    case 'resolved':
      return leftOver(incident);
    case 'monitoring':
      return running(incident) ?? warning(incident) ?? watching(incident);
    case 'mitigating':
    case 'investigating':
      return (
        running(incident) ?? warning(incident) ?? joinText([describeFailed(incident), describeNext(incident)], ' ')
      );
  }
};

/** What to do stands under the title, and can wait for the morning. */
const warning = (incident: Incident): Mrkdwn | null => {
  if (!isWarning(incident)) return null;
  const how = incident.summary === undefined ? md`do what the alert says` : md`do what stands under the title`;
  return md`Nothing to press, and nothing is broken yet. In working hours, ${how}. It resolves by itself when the reason is gone.`;
};

const leftOver = (incident: Incident): Mrkdwn => {
  const active = incident.mitigations.filter((lease) => lease.state === 'active');
  const temporary = active.filter((lease) => lease.kind !== 'rotate-key').map((lease) => MITIGATION_NAMES[lease.kind]);
  const lines = [
    ...(temporary.length === 0 ? [] : [md`Still active: *${temporary.join(', ')}*. Press *Undo* below to end it now.`]),
    ...(active.length === temporary.length
      ? []
      : [md`The rotation used up the standby key: store a new one, if nobody has yet.`]),
  ];
  const wrong = stillWrong(incident);
  const left = wrong.length === 0 ? lines : [...wrong, ...lines, md`Press *Reopen* if this needs anybody.`];
  return left.length === 0 ? md`None. Nothing is left to do.` : joinText(left, ' ');
};

/** What was known to be wrong when a person resolved it all the same. */
export const stillWrong = (incident: Incident): readonly Mrkdwn[] => {
  const { diagnosis, goodChecks, totals } = incident;
  const firing = totals.firing === 0 ? [] : [md`${escapeText(stillFiring(incident, 300), 400)}.`];
  if (diagnosis?.verdict !== 'problem' || goodChecks > 0) return firing;
  const at = formatClock(diagnosis.at, incident.updatedAt);
  return [...firing, md`The cause, told at ${at}, was not gone at the last check.`];
};

const running = (incident: Incident): Mrkdwn | null => {
  const lease = runningLease(incident);
  return lease === undefined ? null : describeRunning(lease, incident);
};

/** The newest mitigation that is under way or not known, which the action tells before everything else. */
export const runningLease = (incident: Incident): MitigationSummary | undefined =>
  isOpen(incident) ? incident.mitigations.findLast((lease) => describeRunning(lease, incident) !== null) : undefined;

const describeRunning = (lease: MitigationSummary, incident: Incident): Mrkdwn | null => {
  const name = md`*${MITIGATION_NAMES[lease.kind]}*`;
  switch (lease.state) {
    case 'awaiting-approval':
      return md`${name} waits for a second person. Press Approve or Reject in the thread. ${describeAskers(lease)}`;
    case 'proposed':
    case 'applying':
      return md`${name} is running. ${describeAskers(lease)}`;
    case 'reverting':
      return md`${name} is being undone.`;
    case 'unknown':
      return md`Nobody knows whether ${name} took effect. ${outcomeOf(lease, incident)} Press *Run triage* to see what Mistral answers now, or *Undo* to take it back.`;
    case 'rejected':
    case 'active':
    case 'failed':
    case 'reverted':
    case 'expired':
      return null;
  }
};

const watching = (incident: Incident): Mrkdwn => {
  const temporary = incident.mitigations.findLast((lease) => lease.kind !== 'rotate-key' && lease.state === 'active');
  if (temporary) {
    const name = MITIGATION_NAMES[temporary.kind];
    return md`Mistral answers well again. Press *Undo* under ${name}; without that this stays open until ${name} ends.`;
  }
  return incident.totals.firing === 0
    ? md`Nothing to press. Mistral answers well and no alert fires. It resolves by itself if it stays quiet.`
    : md`Nothing to press. Mistral answers well. Waiting for ${count(incident.totals.firing, 'alert')} to stop firing.`;
};

const describeNext = (incident: Incident): Mrkdwn => {
  if (standingOfCause(incident) !== 'over') return nextPress(incident);
  const well = md`Nothing to press. Mistral answers well${sinceWell(incident)}; the bot goes on checking.`;
  return joinText([inPlace(incident), well], ' ');
};

/** The newest mitigation, when it did not work: the same press again helps only after the reason is mended. */
const failedLease = (incident: Incident): MitigationSummary | null => {
  const last = incident.mitigations.at(-1);
  return last?.state === 'failed' && !isNeedless(last) ? last : null;
};

const describeFailed = (incident: Incident): Mrkdwn => {
  if (standingOfCause(incident) === 'over') return EMPTY;
  const last = incident.mitigations.at(-1);
  if (last !== undefined && isNeedless(last)) return md`*${MITIGATION_NAMES[last.kind]}*: ${outcomeOf(last, incident)}`;
  const lease = failedLease(incident);
  return lease === null ? EMPTY : md`*${MITIGATION_NAMES[lease.kind]}* did not work. ${outcomeOf(lease, incident)}`;
};

const nextPress = (incident: Incident): Mrkdwn => {
  const { diagnosis } = incident;
  if (diagnosis === null || standingOfCause(incident) === 'old')
    return md`Triage is looking for the cause. If no cause stands here after 2 minutes, press *Run triage*.`;
  const press = pressNext(incident, diagnosis);
  const waits = waitsFor(incident, diagnosis, press);
  if (waits !== null) return waits;
  if (press !== null) return joinText([inPlace(incident), press.words, mend(incident, diagnosis)], ' ');
  if (failedLease(incident)?.kind === 'rotate-key') return mendKey(incident, diagnosis);
  return diagnosis.verdict === 'unknown' ? askAgain(diagnosis) : firstStep(diagnosis);
};

const inPlace = (incident: Incident): Mrkdwn =>
  joinText(
    incident.mitigations
      .filter((lease) => lease.state === 'active')
      .map((lease) => md`*${MITIGATION_NAMES[lease.kind]}* is ${ACTIVE_WORDS[lease.kind]}.`),
    ' ',
  );

/** After the better of two mitigations the other is for the case that it does not help. */
const waitsFor = (incident: Incident, diagnosis: Diagnosis, press: Press | null): Mrkdwn | null => {
  const rank = (kind: MitigationKind): number => diagnosis.mitigations.findIndex((advice) => advice.kind === kind);
  const active = incident.mitigations.filter((lease) => lease.state === 'active');
  if (active.length === 0) return null;
  if (press === null) {
    const work = mend(incident, diagnosis);
    const rest = work.mrkdwn === '' ? md`Nothing to press: the bot checks whether Mistral answers again.` : work;
    return joinText([inPlace(incident), rest], ' ');
  }
  const isSecondBest = active.some((lease) => rank(lease.kind) >= 0 && rank(lease.kind) < rank(press.kind));
  const next = hasButton(press.kind)
    ? md`press *${MITIGATION_NAMES[press.kind]}*.`
    : byHand(press.kind, incident.service);
  return isSecondBest
    ? md`${inPlace(incident)} The bot checks whether Mistral answers again. If this still stands here in 5 minutes: ${next}`
    : null;
};

type Press = { readonly kind: MitigationKind; readonly words: Mrkdwn };

/** The best mitigation that is offered and has not just failed: its button, or the work by hand; null when none is left. */
const pressNext = (incident: Incident, diagnosis: Diagnosis): Press | null => {
  const offered = offeredKinds(incident).filter((kind) => kind !== failedLease(incident)?.kind);
  const kind = offered.find(hasButton) ?? offered[0];
  const advice = diagnosis.mitigations.find((one) => one.kind === kind);
  if (advice === undefined) return null;
  const how = hasButton(advice.kind)
    ? md`Press *${MITIGATION_NAMES[advice.kind]}*.`
    : byHand(advice.kind, incident.service);
  return { kind: advice.kind, words: md`${how} ${asSentence(advice.why)}` };
};

/** What ends the trouble rather than bridges it: a fallback alone leaves the cause as it is. */
const mend = (incident: Incident, diagnosis: Diagnosis): Mrkdwn => {
  const step = diagnosis.nextSteps[0];
  const isKey = diagnosis.branch === 'auth.invalid_key';
  if (isKey || diagnosis.owner !== 'ours' || step === undefined) return mendKey(incident, diagnosis);
  return md`To mend it: ${asSentence(step, 400)}`;
};

/** Where the key itself is refused and cannot be rotated now, what to do by hand: nothing else mends it. */
const mendKey = (incident: Incident, diagnosis: Diagnosis): Mrkdwn => {
  if (failedLease(incident)?.kind === 'rotate-key') return md`To mend it: ${byHand('rotate-key', incident.service)}`;
  const missing = diagnosis.notOffered.find((advice) => isMissingStandby(diagnosis, advice.kind));
  return missing === undefined ? EMPTY : md`*Rotate key* is not possible yet. ${asSentence(missing.why, 400)}`;
};

/** Where the key itself is refused, a rotation is not useless: it only lacks the standby key. */
export const isMissingStandby = (diagnosis: Diagnosis, kind: MitigationKind): boolean =>
  kind === 'rotate-key' && diagnosis.branch === 'auth.invalid_key';

/** Names what could not be asked: a person may know the answer. */
const askAgain = (diagnosis: Diagnosis): Mrkdwn => {
  const blind = diagnosis.probes
    .filter((probe) => probe.outcome === 'unknown')
    .slice(0, 2)
    .map(
      (probe) =>
        md`${escapeText(probe.question, 120)} Not known: ${asSentence(probe.why ?? 'no reason was given', 160)}`,
    );
  return joinText([...blind, md`Press *Run triage* to ask again.`], ' ');
};

const firstStep = (diagnosis: Diagnosis): Mrkdwn => {
  const step = diagnosis.nextSteps[0];
  return step === undefined ? md`Press *Run triage* to ask again.` : asSentence(step, 500);
};
