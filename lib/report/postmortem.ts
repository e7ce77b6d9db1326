import type { Incident } from '../domain/incident.ts';
import { IMPACT_NAMES, MITIGATION_NAMES, nameOwner } from '../domain/names.ts';
import type { TimelineEntry } from '../domain/timeline.ts';
import { formatDuration, formatUtc, parseUtc } from '../domain/utc.ts';
import { proposeActions } from './action-items.ts';
import { auditHead, verifyAudit } from './audit.ts';
import { describeDuration, describeResolution, describeSeverities, describeTakenBack } from './course.ts';
import { describeApprover, describeMitigated } from './lease-ends.ts';
import { cite, mdTable } from './markdown.ts';
import { describeMilestones, type MilestoneFact, orderTimeline } from './timeline.ts';
import { beginWriting, type PostmortemInput, type Writing } from './writing.ts';

const UNKNOWN = 'unknown';

/** A draft in which every statement names its evidence; what nothing says is `unknown`. */
export const renderPostmortem = (input: PostmortemInput): string => {
  const writing = beginWriting(input);
  const { incident, say } = writing;
  const parts = [
    `# ${incident.drill ? 'DRILL · ' : ''}Postmortem: ${say(incident.title, 200)}`,
    facts(writing),
    `## Summary\n\n${summary(writing)}`,
    `## Timeline (UTC)\n\n${timelineTable(writing)}`,
    `## Milestones\n\n${milestoneTable(writing)}`,
    `## Root cause\n\n${rootCause(writing)}`,
    `## Impact\n\n${impact(writing)}`,
    `## Mitigations\n\n${mitigationTable(writing)}`,
    `## Action items\n\n${actionTable(writing)}`,
    `## Evidence\n\n${evidenceList(writing)}`,
  ];
  return `${parts.join('\n\n')}\n`;
};

const statement = (name: string, value: string, evidence: string): readonly string[] => [name, value, evidence];

const facts = (writing: Writing): string => {
  const { incident, writtenAt, say, person } = writing;
  const { started } = incident.milestones;
  return mdTable(
    ['What', 'Value', 'Evidence'],
    [
      statement('Incident', say(incident.id), cite('incident', 'id')),
      statement(
        'Service',
        `${say(incident.service, 80)} (${say(incident.environment, 60)})`,
        cite('incident', 'service'),
      ),
      statement('Date', formatUtc(started), cite('incident', 'milestones.started')),
      statement('Duration', describeDuration(writing), cite('incident', 'milestones.resolved')),
      statement(
        'Severity',
        `${describeSeverities(writing)}: ${IMPACT_NAMES[incident.severity]}, ${SET_BY[incident.severitySetBy]}`,
        cite('incident', 'severity'),
      ),
      statement(
        'Commander',
        incident.commander === null ? 'nobody' : person(incident.commander),
        cite('incident', 'commander'),
      ),
      statement('Status', describeResolution(writing) ?? incident.status, cite('incident', 'status')),
      statement('Draft written', formatUtc(writtenAt), 'this document'),
    ],
  );
};

const SET_BY: Readonly<Record<Incident['severitySetBy'], string>> = {
  alert: 'as the alert said, not measured',
  diagnosis: 'by its cause, not measured',
  person: 'set by a person',
};

const summary = (writing: Writing): string => {
  const { incident, say, sayTold } = writing;
  const { diagnosis, totals, milestones } = incident;
  const cause =
    diagnosis === null
      ? `The cause is ${UNKNOWN}: no diagnosis was made ${cite('diagnosis', 'verdict')}.`
      : `${endSentence(sayTold(diagnosis.cause))} ${cite('diagnosis', 'cause')}`;
  const resolution = describeResolution(writing);
  return [
    `${say(incident.service, 80)} (${say(incident.environment, 60)}) had an incident of severity ${incident.severity} that began at ${formatUtc(milestones.started)} ${cite('incident', 'milestones.started')}.`,
    cause,
    describeMitigated(writing),
    ...(resolution === null
      ? []
      : [`It was ${resolution}, ${formatUtc(milestones.resolved)} ${cite('incident', 'milestones.resolved')}.`]),
    `Alerts that belonged to it: ${totals.firing + totals.resolved}, received ${totals.received === 1 ? 'once' : `${totals.received} times`} in all ${cite('alert', 'totals')}.`,
  ].join('\n');
};

const endSentence = (safe: string): string => (/[.!?…]$/.test(safe) ? safe : `${safe}.`);

const timelineTable = (writing: Writing): string => {
  const entries = orderTimeline(writing.timeline);
  if (entries.length === 0) return `Nothing was written down ${cite('timeline', 'none')}.`;
  return mdTable(
    ['Time', 'What happened', 'Who', 'Evidence'],
    entries.map((entry) => [
      formatUtc(entry.at),
      entry.kind === 'update' ? writing.sayLines(entry.text) : writing.sayTold(entry.text, 400),
      writing.person(entry.actor),
      [cite('timeline', entry.id), ...entry.refs.slice(0, 5).map((ref) => `[${sayRef(writing, ref)}]`)].join(' '),
    ]),
  );
};

/** The key of an alert is long and says nothing: its first digits, and which alert it is. */
const sayRef = ({ incident, say }: Writing, ref: TimelineEntry['refs'][number]): string => {
  if (!/^[0-9a-f]{64}$/.test(ref)) return say(ref, 80);
  const title = incident.alerts.find(({ key }) => key === ref)?.title;
  return `alert ${ref.slice(0, 8)}${title === undefined ? '' : ` ${say(title, 80)}`}`;
};

const milestoneTable = (writing: Writing): string =>
  mdTable(
    ['Milestone', 'Time (UTC)', 'After the start', 'Evidence'],
    describeMilestones(writing.incident).map(({ milestone, at, sinceStartMs }: MilestoneFact) => [
      MILESTONE_WORDS[milestone],
      at === null ? UNKNOWN : `${formatUtc(at)}${milestoneNote(writing, milestone)}`,
      milestone === 'started' && at !== null ? '0 s' : formatDuration(sinceStartMs),
      cite('incident', `milestones.${milestone}`),
    ]),
  );

const milestoneNote = (writing: Writing, milestone: MilestoneFact['milestone']): string => {
  if (milestone === 'acknowledged') return describeTakenBack(writing);
  const resolution = milestone === 'resolved' ? describeResolution(writing) : null;
  return resolution === null ? '' : `, ${resolution}`;
};

const MILESTONE_WORDS: Readonly<Record<MilestoneFact['milestone'], string>> = {
  started: 'Alert began',
  detected: 'Alert received',
  acknowledged: 'Acknowledged',
  commanderAssigned: 'Commander assigned',
  causeIdentified: 'Cause identified',
  mitigated: 'Mitigated',
  resolved: 'Resolved',
};

const rootCause = ({ incident: { diagnosis }, say, sayTold }: Writing): string => {
  if (diagnosis === null) return `${UNKNOWN}: no diagnosis was made ${cite('diagnosis', 'verdict')}.`;
  const failed = diagnosis.probes.filter((probe) => probe.outcome === 'failed');
  const probes = (failed.length === 0 ? diagnosis.probes : failed)
    .slice(0, 5)
    .map((probe) => cite('probe', `${probe.name} ${diagnosis.at}`));
  return [
    `- Cause: ${endSentence(sayTold(diagnosis.cause))} ${probes.join(' ')}`.trimEnd(),
    `- Class: ${say(diagnosis.branch)}, confidence ${diagnosis.confidence} ${cite('diagnosis', 'branch')}`,
    `- Whose: ${nameOwner(diagnosis)} ${cite('diagnosis', 'owner')}`,
    ...diagnosis.path
      .slice(0, 12)
      .map(
        ({ question, answer }, index) =>
          `- ${say(question, 200)} ${say(answer, 200)} ${cite('diagnosis', `path ${index + 1}`)}`,
      ),
    `- What led to it (a change, a person, a date): ${UNKNOWN}. Nothing that was collected says it.`,
  ].join('\n');
};

const impact = (writing: Writing): string => {
  const { incident } = writing;
  return [
    `- Duration: ${describeDuration(writing)} ${cite('incident', 'milestones')}`,
    `- Severity: ${incident.severity}, ${IMPACT_NAMES[incident.severity]}, ${SET_BY[incident.severitySetBy]} ${cite('incident', 'severitySetBy')}`,
    `- Users affected: ${UNKNOWN} (no metrics source is configured)`,
    `- Failed requests: ${UNKNOWN} (no metrics source is configured)`,
    `- Extra spend: ${UNKNOWN} (no metrics source is configured)`,
  ].join('\n');
};

const mitigationTable = ({ leases, audit, person, sayTold }: Writing): string =>
  leases.length === 0
    ? `None was asked for ${cite('lease', 'none')}.`
    : mdTable(
        ['Mitigation', 'State', 'Asked for', 'Approved by', 'Outcome', 'Evidence'],
        leases.map((lease) => [
          MITIGATION_NAMES[lease.kind],
          lease.state,
          `${person(lease.requestedBy)}, ${formatUtc(lease.requestedAt)}`,
          describeApprover(lease, person),
          sayTold(lease.outcome, 400),
          [
            cite('lease', lease.id),
            ...audit
              .filter((entry) => entry.leaseId === lease.id)
              .map((entry) => cite('audit', String(entry.sequence))),
          ].join(' '),
        ]),
      );

const DAY_MS = 86_400_000;

const actionTable = ({ incident, leases, writtenAt, say, person }: Writing): string =>
  mdTable(
    ['No.', 'Action', 'Priority', 'Owner', 'Due', 'Because of'],
    proposeActions({ incident, leases }).map((action, index) => [
      String(index + 1),
      say(action.text),
      action.priority,
      incident.commander === null ? 'not assigned' : `${person(incident.commander)} (proposed)`,
      dueDate(writtenAt, action.dueDays),
      action.because,
    ]),
  );

const dueDate = (from: string, days: number): string => {
  const date = new Date((parseUtc(from) ?? Number.NaN) + days * DAY_MS);
  return Number.isNaN(date.getTime()) ? UNKNOWN : date.toISOString().slice(0, 10);
};

const evidenceList = ({ incident, audit, say }: Writing): string => {
  const head = auditHead(audit);
  const check = verifyAudit(audit);
  return [
    `The marks in brackets name an entry of a file in \`evidence/${incident.id.replace(/[^\w-]/g, '')}/\`; collect it with the button *Collect evidence*.`,
    '',
    mdTable(
      ['Mark', 'File'],
      [
        ['incident', 'incident.json'],
        ['alert', 'alerts.json'],
        ['diagnosis', 'diagnosis.json'],
        ['probe', 'probes.json, by name and time'],
        ['timeline', 'timeline.json, by id'],
        ['lease', 'mitigations.json, by id'],
        ['audit', 'audit.json, by sequence'],
      ],
    ),
    '',
    `Audit: ${head.count} entries, last hash ${head.hash}, ${check.ok ? 'chain unbroken' : `chain broken at ${check.at}: ${say(check.why)}`}.`,
  ].join('\n');
};
