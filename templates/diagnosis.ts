import type { CallEvidence, Diagnosis, Finding } from '../lib/domain/diagnosis.ts';
import { detailsOf, OUTCOME_SIGNS } from '../lib/domain/diagnosis-words.ts';
import { saidOf, tellFinding } from '../lib/domain/finding-words.ts';
import type { Incident, Note } from '../lib/domain/incident.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { MITIGATION_NAMES } from '../lib/domain/names.ts';
import { formatClock } from '../lib/domain/utc.ts';
import { type Block, context, message, section } from './blocks.ts';
import { hasButton } from './incident-buttons.ts';
import { code, escapeText, joinText, keepUnits, type Mrkdwn, md } from './text.ts';
import { asSentence, byHand, describeOwner, listNotOffered, serviceName } from './words.ts';

const PROBES_SHOWN = 12;
const QUESTIONS_SHOWN = 12;
const STEPS_SHOWN = 6;

/**
 * Told in the thread when the cause is found or has changed. A note that waited until another cause was found keeps its own words:
 * the incident holds how we know it of the newest diagnosis alone, and every other problem comes with a note of its own.
 */
export const renderDiagnosisNote = (incident: Incident, note: Note): ChatMessage => {
  const { diagnosis } = incident;
  const last = incident.outbox.notes.findLast(({ kind }) => kind === 'diagnosis');
  if (diagnosis !== null && (last === undefined || last.id === note.id)) return renderDiagnosis(incident, diagnosis);
  const text = md`Diagnosis: ${escapeText(note.text, 600)} This has since been replaced by a newer diagnosis.`;
  return message(text, [section(md`${formatClock(note.at, incident.createdAt)} · ${text}`)]);
};

/** How we know, and what to do. */
export const renderDiagnosis = (incident: Incident, diagnosis: Diagnosis): ChatMessage =>
  message(md`Diagnosis: ${escapeText(diagnosis.cause, 600)}`, [
    section(
      md`*Diagnosis of ${serviceName(incident)}, ${formatClock(diagnosis.at, incident.updatedAt)}*\n${cause(diagnosis)}`,
    ),
    ...diagnosisBlocks(diagnosis, incident.service),
  ]);

const cause = (diagnosis: Diagnosis): Mrkdwn => md`${escapeText(diagnosis.cause, 600)}\n${describeOwner(diagnosis)}`;

/** What every view of a diagnosis shows below its cause. */
export const diagnosisBlocks = (diagnosis: Diagnosis, service: string): readonly Block[] => [
  ...sectionOf('What to do now', nextLines(diagnosis, service)),
  ...sectionOf('How we know', pathLines(diagnosis)),
  ...detailBlocks(diagnosis),
  ...contextOf(probeLines(diagnosis), 'Asked'),
  ...contextOf(idLines(diagnosis.probes), 'Ids for a support request'),
  ...contextOf(diagnosis.notOffered.length === 0 ? [] : [listNotOffered(diagnosis.notOffered)], 'Not offered'),
];

const sectionOf = (title: string, lines: readonly Mrkdwn[]): readonly Block[] =>
  lines.length === 0 ? [] : [section(md`*${title}*\n${joinText(lines, '\n')}`)];

const contextOf = (lines: readonly Mrkdwn[], title: string): readonly Block[] =>
  lines.length === 0 ? [] : [context([md`${title}: ${joinText(lines, ' · ')}`])];

/** In one section, so that a phone shows them together. */
const detailBlocks = (diagnosis: Diagnosis): readonly Block[] => {
  const lines = detailsOf(diagnosis).map(({ title, text }) => md`*${title}*: ${keepUnits(escapeText(text, 600))}`);
  return lines.length === 0 ? [] : [section(joinText(lines, '\n'))];
};

const nextLines = (diagnosis: Diagnosis, service: string): readonly Mrkdwn[] => {
  const steps = diagnosis.nextSteps.slice(0, STEPS_SHOWN).map((step) => asSentence(step, 400));
  const pressed = diagnosis.mitigations.map((advice) =>
    hasButton(advice.kind)
      ? md`*${MITIGATION_NAMES[advice.kind]}* helps: ${asSentence(advice.why)}`
      : md`*${MITIGATION_NAMES[advice.kind]}* helps: ${asSentence(advice.why)} ${byHand(advice.kind, service, advice.model)}`,
  );
  return [...pressed, ...steps.map((step, index) => md`${index + 1}. ${step}`)];
};

const pathLines = (diagnosis: Diagnosis): readonly Mrkdwn[] =>
  diagnosis.path
    .slice(0, QUESTIONS_SHOWN)
    .map(({ question, answer }) => md`${escapeText(question, 160)} *${keepUnits(escapeText(answer, 160))}*`);

/** Cause and path stand above: of each probe only what it adds. */
const probeLines = (diagnosis: Diagnosis): readonly Mrkdwn[] => {
  const said = saidOf(diagnosis);
  const shown = diagnosis.probes.slice(0, PROBES_SHOWN).map((probe) => probeLine(probe, said));
  const more = diagnosis.probes.length - shown.length;
  return more > 0 ? [...shown, md`and ${more} more, all of them in the evidence`] : shown;
};

const probeLine = (probe: Finding, said: string): Mrkdwn =>
  md`${OUTCOME_SIGNS[probe.outcome]} ${escapeText(probe.name, 80)} ${keepUnits(escapeText(tellFinding(probe, said)))}`;

const idLines = (probes: readonly Finding[]): readonly Mrkdwn[] =>
  probes.slice(0, PROBES_SHOWN).flatMap((probe) => (probe.evidence ? idsOf(probe.name, probe.evidence) : []));

const idsOf = (name: string, { correlationId, requestId }: CallEvidence): readonly Mrkdwn[] => {
  const ids = [
    ...(correlationId === undefined ? [] : [md`correlation ${code(correlationId)}`]),
    ...(requestId === undefined || requestId === correlationId ? [] : [md`request ${code(requestId)}`]),
  ];
  return ids.length === 0 ? [] : [md`${escapeText(name, 60)}: ${joinText(ids, ', ')}`];
};
