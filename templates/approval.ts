import type { Incident } from '../lib/domain/incident.ts';
import type { Lease } from '../lib/domain/lease.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { MITIGATION_NAMES } from '../lib/domain/names.ts';
import { formatClock } from '../lib/domain/utc.ts';
import { actions, type Button, context, message, section } from './blocks.ts';
import { escapeText, type Mrkdwn, md, mention, quietText } from './text.ts';
import { describeEnd, outcomeOf } from './words.ts';

/** Asks a second person, says exactly what will be done, and shows the decision once there is one. */
export const renderApproval = (incident: Incident, lease: Lease): ChatMessage => {
  const name = MITIGATION_NAMES[lease.kind];
  const waiting = lease.state === 'awaiting-approval' && lease.approvedBy === null;
  const title = waiting
    ? md`*${name} for ${escapeText(lease.service, 60)} waits for a second person*`
    : md`*${name} for ${escapeText(lease.service, 60)}: ${describeDecision(lease)}*`;
  return message(
    waiting ? md`Approve ${name} for ${escapeText(lease.service, 60)}? ${escapeText(incident.title, 100)}` : title,
    [
      section(md`${title}\n${waiting ? describePlan(incident, lease) : outcomeOf(lease, incident)}`),
      section(
        md`*Asked for by* ${mention(lease.requestedBy)} at ${formatClock(lease.requestedAt, incident.createdAt)}`,
      ),
      ...actions(waiting ? decisionButtons(lease) : []),
      ...(waiting
        ? [context([md`The person who asked cannot approve. Nothing is changed before somebody approves.`])]
        : []),
    ],
  );
};

/** The action's own preview, then the exact values, then the end. */
const describePlan = (incident: Incident, lease: Lease): Mrkdwn => {
  const values = Object.entries(lease.plan ?? {}).map(([name, value]) => `${name} = ${value}`);
  const plan = values.length === 0 ? md`` : md`\nExactly: ${escapeText(values.join(', '), 600)}`;
  const minutes = lease.plan?.['minutes'];
  const end =
    minutes === undefined
      ? describeEnd(lease, incident.createdAt)
      : md`Ends by itself ${minutes} minutes after it is approved.`;
  return md`${outcomeOf(lease, incident)}${plan}\n${end}`;
};

const decisionButtons = (lease: Lease): readonly Button[] => [
  {
    text: 'Approve',
    actionId: 'mitigation.approve',
    value: lease.id,
    style: 'primary',
    confirm: {
      title: `Approve ${MITIGATION_NAMES[lease.kind]}?`,
      text: `${MITIGATION_NAMES[lease.kind]} for ${quietText(lease.service, 60)} starts at once, in your name and in the name of the person who asked.`,
      yes: 'Approve',
    },
  },
  { text: 'Reject', actionId: 'mitigation.reject', value: lease.id, style: 'danger' },
];

const describeDecision = (lease: Lease): Mrkdwn => {
  const approved = lease.approvedBy === null ? md`` : md`approved by ${mention(lease.approvedBy)}, `;
  switch (lease.state) {
    case 'proposed':
      return md`being prepared`;
    case 'awaiting-approval':
      return md`${approved}starting`;
    case 'rejected':
      return md`rejected, nothing was changed`;
    case 'expired':
      if (lease.undo) return md`${approved}over`;
      return lease.approvedBy === null
        ? md`not approved, nothing was changed`
        : md`${approved}not started, nothing was changed`;
    case 'applying':
      return md`${approved}running`;
    case 'active':
      return md`${approved}done`;
    case 'failed':
      return md`${approved}failed`;
    case 'unknown':
      return md`${approved}outcome not known`;
    case 'reverting':
      return md`${approved}being undone`;
    case 'reverted':
      return md`${approved}undone`;
  }
};
