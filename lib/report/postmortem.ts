import type { Incident } from '../domain/incident.ts';
import type { Lease } from '../domain/lease.ts';
import { IMPACT_NAMES, MITIGATION_NAMES, OWNER_NAMES } from '../domain/names.ts';
import type { AuditEntry, TimelineEntry } from '../domain/timeline.ts';
import { formatDuration, formatUtc, parseUtc, spanMs } from '../domain/utc.ts';
import { ACTION_ITEMS } from './action-items.ts';
import { auditHead, verifyAudit } from './audit.ts';
import { cite, mdTable, mdText } from './markdown.ts';
import { redact } from './redact.ts';
import { describeMilestones, type MilestoneFact, orderTimeline } from './timeline.ts';

type PostmortemInput = {
  readonly incident: Incident;
  readonly timeline: readonly TimelineEntry[];
  readonly audit: readonly AuditEntry[];
  readonly leases: readonly Lease[];
  readonly writtenAt: string;
  /** Every secret value that could have slipped into a title. */
  readonly secrets?: readonly string[];
};

/** What every part of the document is written from; `say` makes somebody else's text safe: redacted, then escaped. */
type Writing = PostmortemInput & { readonly say: (text: string, max?: number) => string };

const UNKNOWN = 'unknown';

/** A draft in which every statement names its evidence; what nothing says is `unknown`. */
export const renderPostmortem = (input: PostmortemInput): string => {
  const say: Writing['say'] = (text, max) => mdText(redact(text, input.secrets ?? []), max);
  const writing = { ...input, say };
  const { incident } = input;
  const parts = [
    `# ${incident.drill ? 'DRILL · ' : ''}Postmortem: ${say(incident.title, 200)}`,
    facts(writing),
    `## Summary\n\n${summary(writing)}`,
    `## Timeline (UTC)\n\n${timelineTable(writing)}`,
    `## Milestones\n\n${milestoneTable(incident)}`,
    `## Root cause\n\n${rootCause(writing)}`,
    `## Impact\n\n${impact(incident)}`,
    `## Mitigations\n\n${mitigationTable(writing)}`,
    `## Action items\n\n${actionTable(writing)}`,
    `## Evidence\n\n${evidenceList(writing)}`,
  ];
  return `${parts.join('\n\n')}\n`;
};

const statement = (name: string, value: string, evidence: string): readonly string[] => [name, value, evidence];

const facts = ({ incident, writtenAt, say }: Writing): string => {
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
      statement('Duration', duration(incident), cite('incident', 'milestones.resolved')),
      statement(
        'Severity',
        `${incident.severity}: ${IMPACT_NAMES[incident.severity]}, ${SET_BY[incident.severitySetBy]}`,
        cite('incident', 'severity'),
      ),
      statement(
        'Commander',
        incident.commander === null ? 'nobody' : person(incident.commander, say),
        cite('incident', 'commander'),
      ),
      statement('Status', incident.status, cite('incident', 'status')),
      statement('Draft written', formatUtc(writtenAt), 'this document'),
    ],
  );
};

const SET_BY: Readonly<Record<Incident['severitySetBy'], string>> = {
  alert: 'as the alert said, not measured',
  diagnosis: 'by its cause, not measured',
  person: 'set by a person',
};

const person = (id: string | null, say: Writing['say']): string => (id === null ? UNKNOWN : say(id, 80));

const duration = (incident: Incident): string => {
  const { started, resolved } = incident.milestones;
  if (resolved === undefined) return incident.status === 'resolved' ? UNKNOWN : 'not over yet';
  return formatDuration(spanMs(started, resolved));
};

const summary = ({ incident, leases, say }: Writing): string => {
  const { diagnosis, totals } = incident;
  const cause =
    diagnosis === null
      ? `The cause is ${UNKNOWN}: no diagnosis was made ${cite('diagnosis', 'verdict')}.`
      : `${endSentence(say(diagnosis.cause))} ${cite('diagnosis', 'cause')}`;
  const effective = leases.filter(
    (lease) => ['active', 'reverting', 'reverted', 'expired'].includes(lease.state) && lease.plan !== null,
  );
  const mended =
    effective.length === 0
      ? `No mitigation took effect ${cite('lease', 'none')}.`
      : `Mitigated by ${effective.map((lease) => `${MITIGATION_NAMES[lease.kind]} ${cite('lease', lease.id)}`).join(', ')}.`;
  return [
    `${say(incident.service, 80)} (${say(incident.environment, 60)}) had an incident of severity ${incident.severity} that began at ${formatUtc(incident.milestones.started)} ${cite('incident', 'milestones.started')}.`,
    cause,
    mended,
    `Alerts that belonged to it: ${totals.firing + totals.resolved}, received ${totals.received} times in all ${cite('alert', 'totals')}.`,
  ].join('\n');
};

const endSentence = (safe: string): string => (/[.!?…]$/.test(safe) ? safe : `${safe}.`);

const timelineTable = ({ timeline, say }: Writing): string => {
  const entries = orderTimeline(timeline);
  if (entries.length === 0) return `Nothing was written down ${cite('timeline', 'none')}.`;
  return mdTable(
    ['Time', 'What happened', 'Who', 'Evidence'],
    entries.map((entry) => [
      formatUtc(entry.at),
      say(unmention(entry.text), 400),
      say(entry.actor, 80),
      [cite('timeline', entry.id), ...entry.refs.slice(0, 5).map((ref) => `[${say(ref, 80)}]`)].join(' '),
    ]),
  );
};

/** `<@U1>` is a person in Slack; here it is the id. */
const unmention = (text: string): string => text.replace(/<@([A-Z0-9]{1,31})>/g, '$1');

const milestoneTable = (incident: Incident): string =>
  mdTable(
    ['Milestone', 'Time (UTC)', 'After the start', 'Evidence'],
    describeMilestones(incident).map(({ milestone, at, sinceStartMs }: MilestoneFact) => [
      MILESTONE_WORDS[milestone],
      at === null ? UNKNOWN : formatUtc(at),
      milestone === 'started' && at !== null ? '0 s' : formatDuration(sinceStartMs),
      cite('incident', `milestones.${milestone}`),
    ]),
  );

const MILESTONE_WORDS: Readonly<Record<MilestoneFact['milestone'], string>> = {
  started: 'Alert began',
  detected: 'Alert received',
  acknowledged: 'Acknowledged',
  commanderAssigned: 'Commander assigned',
  causeIdentified: 'Cause identified',
  mitigated: 'Mitigated',
  resolved: 'Resolved',
};

const rootCause = ({ incident: { diagnosis }, say }: Writing): string => {
  if (diagnosis === null) return `${UNKNOWN}: no diagnosis was made ${cite('diagnosis', 'verdict')}.`;
  const failed = diagnosis.probes.filter((probe) => probe.outcome === 'failed');
  const probes = (failed.length === 0 ? diagnosis.probes : failed)
    .slice(0, 5)
    .map((probe) => cite('probe', `${probe.name} ${diagnosis.at}`));
  return [
    `- Cause: ${endSentence(say(diagnosis.cause))} ${probes.join(' ')}`.trimEnd(),
    `- Class: ${say(diagnosis.branch)}, confidence ${diagnosis.confidence} ${cite('diagnosis', 'branch')}`,
    `- Whose: ${OWNER_NAMES[diagnosis.owner]} ${cite('diagnosis', 'owner')}`,
    ...diagnosis.path
      .slice(0, 12)
      .map(
        ({ question, answer }, index) =>
          `- ${say(question, 200)} ${say(answer, 200)} ${cite('diagnosis', `path ${index + 1}`)}`,
      ),
    `- What led to it (a change, a person, a date): ${UNKNOWN}. Nothing that was collected says it.`,
  ].join('\n');
};

const impact = (incident: Incident): string =>
  [
    `- Duration: ${duration(incident)} ${cite('incident', 'milestones')}`,
    `- Severity: ${incident.severity}, ${IMPACT_NAMES[incident.severity]}, ${SET_BY[incident.severitySetBy]} ${cite('incident', 'severitySetBy')}`,
    `- Users affected: ${UNKNOWN} (no metrics source is configured)`,
    `- Failed requests: ${UNKNOWN} (no metrics source is configured)`,
    `- Extra spend: ${UNKNOWN} (no metrics source is configured)`,
  ].join('\n');

const mitigationTable = ({ leases, audit, say }: Writing): string =>
  leases.length === 0
    ? `None was asked for ${cite('lease', 'none')}.`
    : mdTable(
        ['Mitigation', 'State', 'Asked for', 'Approved by', 'Outcome', 'Evidence'],
        leases.map((lease) => [
          MITIGATION_NAMES[lease.kind],
          lease.state,
          `${person(lease.requestedBy, say)}, ${formatUtc(lease.requestedAt)}`,
          lease.approvedBy === null ? 'nobody' : person(lease.approvedBy, say),
          say(unmention(lease.outcome), 400),
          [
            cite('lease', lease.id),
            ...audit
              .filter((entry) => entry.leaseId === lease.id)
              .map((entry) => cite('audit', String(entry.sequence))),
          ].join(' '),
        ]),
      );

const DAY_MS = 86_400_000;

const actionTable = ({ incident, writtenAt, say }: Writing): string =>
  mdTable(
    ['No.', 'Action', 'Priority', 'Owner', 'Due', 'Because of'],
    ACTION_ITEMS[incident.diagnosis?.branch ?? 'unknown'].map((action, index) => [
      String(index + 1),
      say(action.text),
      action.priority,
      incident.commander === null ? 'not assigned' : `${person(incident.commander, say)} (proposed)`,
      dueDate(writtenAt, action.dueDays),
      cite('diagnosis', incident.diagnosis?.branch ?? 'unknown'),
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
