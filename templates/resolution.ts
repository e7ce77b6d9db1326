import {
  type Incident,
  MILESTONES,
  type Milestone,
  type MitigationSummary,
  type Note,
} from '../lib/domain/incident.ts';
import { isOpenLease } from '../lib/domain/lease.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { MITIGATION_NAMES } from '../lib/domain/names.ts';
import { formatClock, spanMs } from '../lib/domain/utc.ts';
import { actions, type Block, fields, message, section } from './blocks.ts';
import { stillWrong } from './incident-action.ts';
import { joinText, type Mrkdwn, md, sentence } from './text.ts';
import { describeSpan, untrustedOf } from './words.ts';

const MILESTONE_NAMES: Readonly<Record<Milestone, string>> = {
  started: 'Started',
  detected: 'Detected',
  acknowledged: 'Acknowledged',
  commanderAssigned: 'Commander assigned',
  causeIdentified: 'Cause identified',
  mitigated: 'Mitigated',
  resolved: 'Resolved',
};

/** Told in the thread at the end: how long it took, what is left, what to do with the record. */
export const renderResolution = (incident: Incident, note: Note): ChatMessage => {
  const { started, resolved } = incident.milestones;
  const lasted = describeSpan(spanMs(started ?? incident.createdAt, resolved ?? note.at));
  const text = sentence(note.text, { untrusted: untrustedOf(incident) });
  return message(md`${text} It took ${lasted}.`, [
    section(md`${text}\nIt took *${lasted}*.`),
    fields(MILESTONES.map((milestone) => milestoneField(incident, milestone))),
    ...leftOver(incident),
    ...actions([
      { text: 'Collect evidence', actionId: 'evidence.collect', value: incident.id },
      { text: 'Draft postmortem', actionId: 'postmortem.draft', value: incident.id, style: 'primary' },
    ]),
  ]);
};

const milestoneField = (incident: Incident, milestone: Milestone): Mrkdwn => {
  const at = incident.milestones[milestone];
  const name = md`*${MILESTONE_NAMES[milestone]}*`;
  if (at === undefined) return md`${name}\nnever`;
  const { started } = incident.milestones;
  const after = milestone === 'started' ? null : spanMs(started, at);
  return md`${name}\n${formatClock(at, incident.createdAt)}${after === null ? '' : md`, after ${describeSpan(after)}`}`;
};

const leftOver = (incident: Incident): readonly Block[] => {
  const active = incident.mitigations.filter((lease) => isOpenLease(lease.state));
  const inPlace = active.map((lease) => md`*${MITIGATION_NAMES[lease.kind]}* ${describeStay(lease, incident)}`);
  const reopens = incident.totals.firing === 0 ? [] : [md`The next new alert reopens the incident.`];
  return [...listed('Still wrong', [...stillWrong(incident), ...reopens]), ...listed('Still in place', inPlace)];
};

const listed = (title: string, lines: readonly Mrkdwn[]): readonly Block[] =>
  lines.length === 0
    ? []
    : [
        section(
          md`*${title}*\n${joinText(
            lines.map((line) => md`• ${line}`),
            '\n',
          )}`,
        ),
      ];

const describeStay = (lease: MitigationSummary, incident: Incident): Mrkdwn =>
  lease.expiresAt === null
    ? md`stays in place unless somebody presses Undo in the incident message.`
    : md`ends by itself at ${formatClock(lease.expiresAt, incident.createdAt)}, or earlier with Undo in the incident message.`;
