import type { Diagnosis } from '../lib/domain/diagnosis.ts';
import { type Incident, type MitigationSummary, standingOfCause } from '../lib/domain/incident.ts';
import type { MitigationKind } from '../lib/domain/lease.ts';
import { MITIGATION_NAMES } from '../lib/domain/names.ts';
import { isNeedless } from '../lib/domain/needless.ts';
import { hasButton, offeredKinds } from './incident-buttons.ts';
import { EMPTY, escapeText, joinText, type Mrkdwn, md } from './text.ts';
import { ACTIVE_WORDS, asSentence, byHand } from './words.ts';

/** The newest mitigation, when it did not work: the same press again helps only after the reason is mended. */
export const failedLease = (incident: Incident): MitigationSummary | null => {
  const last = incident.mitigations.at(-1);
  return last?.state === 'failed' && !isNeedless(last) ? last : null;
};

/** What to press or to do now, while something is wrong. */
export const nextPress = (incident: Incident): Mrkdwn => {
  const { diagnosis } = incident;
  if (diagnosis === null || standingOfCause(incident) === 'old')
    return md`Triage is looking for the cause. If no cause stands here after 2 minutes, press *Run triage*.`;
  const press = pressNext(incident, diagnosis);
  const waits = waitsFor(incident, diagnosis, press);
  if (waits !== null) return waits;
  if (press !== null)
    return joinText(
      [inPlace(incident), first(diagnosis, press), press.words, besides(incident, diagnosis, press)],
      ' ',
    );
  const key = mendKey(incident, diagnosis);
  if (key !== null) return key;
  // Where nothing could be asked, asking again changes nothing.
  return diagnosis.verdict === 'unknown' && diagnosis.probes.length > 0 ? askAgain(diagnosis) : firstStep(diagnosis);
};

export const inPlace = (incident: Incident): Mrkdwn =>
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
    const work = besides(incident, diagnosis);
    const rest = work.mrkdwn === '' ? md`Nothing to press: the bot checks whether Mistral answers again.` : work;
    return joinText([inPlace(incident), rest], ' ');
  }
  const isSecondBest = active.some((lease) => rank(lease.kind) >= 0 && rank(lease.kind) < rank(press.kind));
  const next = hasButton(press.kind)
    ? md`press *${MITIGATION_NAMES[press.kind]}*.`
    : byHand(press.kind, incident.service, press.model);
  return isSecondBest
    ? md`${inPlace(incident)} The bot checks whether Mistral answers again. If this still stands here in 5 minutes: ${next}`
    : null;
};

type Press = { readonly kind: MitigationKind; readonly words: Mrkdwn; readonly model: string | undefined };

/** The best mitigation that is offered and has not just failed: its button, or the work by hand; null when none is left. */
const pressNext = (incident: Incident, diagnosis: Diagnosis): Press | null => {
  const offered = offeredKinds(incident).filter((kind) => kind !== failedLease(incident)?.kind);
  const kind = offered.find(hasButton) ?? offered[0];
  const advice = diagnosis.mitigations.find((one) => one.kind === kind);
  if (advice === undefined) return null;
  const how = hasButton(advice.kind)
    ? md`Press *${MITIGATION_NAMES[advice.kind]}*.`
    : byHand(advice.kind, incident.service, advice.model);
  return { kind: advice.kind, model: advice.model, words: md`${how} ${asSentence(advice.why)}` };
};

/** Where our own retries make it worse they are stopped first. */
const CAP_FIRST = /^Cap the retries first\.$/;
const isCapped = ({ nextSteps: [step = ''] }: Diagnosis): boolean => CAP_FIRST.test(step);

const first = (diagnosis: Diagnosis, press: Press): Mrkdwn => {
  const [step = ''] = diagnosis.nextSteps;
  if (isCapped(diagnosis)) return asSentence(step, 400);
  return press.kind === 'rollback' && isCorrected(diagnosis) ? correction(step) : EMPTY;
};

/** What is configured wrongly is known and quickly corrected; taking a deploy back corrects it only if the deploy brought it. */
const isCorrected = ({ branch }: Diagnosis): boolean => /^(?:config|model_or_route)\./.test(branch);
const correction = (step: string): Mrkdwn => (step === '' ? EMPTY : md`To fix it: ${asSentence(step, 400)}`);

/** These end the cause. A fallback bridges it and leaves it as it is. */
const isEnd = (kind: MitigationKind, diagnosis: Diagnosis): boolean =>
  kind === 'rotate-key' || (kind === 'rollback' && !isCorrected(diagnosis));

/** The most important step besides the press, unless a mitigation ends it. */
const besides = (incident: Incident, diagnosis: Diagnosis, press: Press | null = null): Mrkdwn => {
  const key = mendKey(incident, diagnosis);
  if (key !== null) return key;
  const [step = ''] = diagnosis.nextSteps;
  const isEnding =
    diagnosis.mitigations.some(({ kind }) => isEnd(kind, diagnosis)) ||
    incident.mitigations.some(({ kind, state }) => state === 'active' && isEnd(kind, diagnosis));
  const isToldFirst = press?.kind === 'rollback' && isCorrected(diagnosis);
  // What only eases it is no fix.
  if (/^(?:$|Cap the retries)/.test(step) || isEnding || isToldFirst) return EMPTY;
  return diagnosis.owner === 'ours' ? correction(step) : md`Next: ${asSentence(step, 400)}`;
};

/** Where a key would end it and there is none, or none that works: what to do by hand. */
const mendKey = (incident: Incident, diagnosis: Diagnosis): Mrkdwn | null => {
  if (failedLease(incident)?.kind === 'rotate-key') return md`To fix it: ${byHand('rotate-key', incident.service)}`;
  const missing = diagnosis.notOffered.find(({ lacks }) => lacks === 'standby');
  return missing === undefined ? null : md`*Rotate key* is not possible yet. ${asSentence(missing.why, 400)}`;
};

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
  const [step, second] = diagnosis.nextSteps;
  if (step === undefined) return md`Press *Run triage* to ask again.`;
  return joinText(
    [asSentence(step, 500), ...(isCapped(diagnosis) && second !== undefined ? [asSentence(second, 400)] : [])],
    ' ',
  );
};
