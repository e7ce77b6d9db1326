import { type Incident, type IncidentStatus, isOpen, type Milestone } from './incident.ts';
import { BOT, changeIncident, type Moment, setTimer } from './incident-change.ts';
import { isLasting, isOpenLease } from './lease.ts';
import type { Severity } from './severity.ts';

/** A step somebody wants to take, and why it is or is not taken. */
export type Step = { readonly incident: Incident; readonly reason: string } | { readonly refused: string };

/** A milestone is reached once; later steps do not move it. */
export const reach = (incident: Incident, milestone: Milestone, at: string): Incident['milestones'] =>
  incident.milestones[milestone] === undefined ? { ...incident.milestones, [milestone]: at } : incident.milestones;

/** It came back, or what helped was taken back: the next time that it is mitigated counts. */
export const withoutMitigated = ({
  milestones: { mitigated: _gone, ...milestones },
}: Incident): Incident['milestones'] => milestones;

export const acknowledge = (incident: Incident, user: string, moment: Moment): Step => {
  if (!isOpen(incident)) return { refused: `${incident.id} is already resolved; nothing is left to acknowledge.` };
  if (incident.acknowledgedBy === user) return { refused: 'You have already acknowledged it.' };
  if (incident.acknowledgedBy !== null)
    return { refused: `<@${incident.acknowledgedBy}> has already acknowledged it.` };
  const patch = { acknowledgedBy: user, milestones: reach(incident, 'acknowledged', moment.at) };
  const text = `Acknowledged by <@${user}>.`;
  return {
    incident: changeIncident(incident, moment, patch, [{ kind: 'acknowledged', actor: user, text }]),
    reason: text,
  };
};

export const unacknowledge = (incident: Incident, user: string, moment: Moment): Step => {
  if (incident.acknowledgedBy === null) return { refused: 'Nobody has acknowledged it.' };
  const text = `<@${user}> took the acknowledgement back: somebody else is needed.`;
  const happening = { kind: 'acknowledged', actor: user, text, note: { kind: 'update' } } as const;
  return { incident: changeIncident(incident, moment, { acknowledgedBy: null }, [happening]), reason: text };
};

export const assign = (
  incident: Incident,
  who: { readonly commander: string; readonly by: string },
  moment: Moment,
): Step => {
  if (!isOpen(incident)) return { refused: `${incident.id} is already resolved; it needs no commander.` };
  if (incident.commander === who.commander) return { refused: `<@${who.commander}> is already the commander.` };
  const patch = { commander: who.commander, milestones: reach(incident, 'commanderAssigned', moment.at) };
  const text = `<@${who.commander}> is the commander${who.by === who.commander ? '' : `, assigned by <@${who.by}>`}.`;
  const happening = { kind: 'assigned', actor: who.by, text, note: { kind: 'update' } } as const;
  return { incident: changeIncident(incident, moment, patch, [happening]), reason: text };
};

export const setSeverity = (incident: Incident, severity: Severity, user: string, moment: Moment): Step => {
  if (incident.severity === severity && incident.severitySetBy === 'person')
    return { refused: `It already is ${severity}.` };
  const text = `<@${user}> set the severity to ${severity} (it was ${incident.severity}).`;
  const happening = { kind: 'severity-changed', actor: user, text, note: { kind: 'update' } } as const;
  return {
    incident: changeIncident(incident, moment, { severity, severitySetBy: 'person' }, [happening]),
    reason: text,
  };
};

/** A person's word outranks everything, also firing alerts: the message asked before. */
export const resolve = (
  incident: Incident,
  who: { readonly actor: string; readonly because: string },
  moment: Moment,
): Step => {
  if (!isOpen(incident)) return { refused: `${incident.id} is already resolved.` };
  const by = who.actor === BOT ? '' : ` by <@${who.actor}>`;
  // A rotation that is done is over: nothing about it ends or is to be watched.
  const active = incident.mitigations.filter(
    ({ kind, state }) => isOpenLease(state) && !(isLasting(kind) && state === 'active'),
  ).length;
  const left =
    active === 0
      ? ''
      : ` ${active} mitigation${active === 1 ? ' is' : 's are'} still active: undo or keep watching ${active === 1 ? 'it' : 'them'}.`;
  const text = `Resolved${by}: ${who.because}${left}`;
  const patch: Partial<Incident> = {
    status: 'resolved',
    milestones: { ...incident.milestones, resolved: moment.at },
    timers: incident.timers.filter((timer) => timer.kind !== 'recheck'),
  };
  const happening = { kind: 'status-changed', actor: who.actor, text, note: { kind: 'resolution' } } as const;
  return { incident: changeIncident(incident, moment, patch, [happening]), reason: text };
};

/** `openId`: another incident of the group that is open. Alerts of one group belong to one incident, so two are never open. */
export const reopen = (
  incident: Incident,
  who: { readonly actor: string; readonly because: string; readonly openId?: string | null },
  moment: Moment,
): Step => {
  if (isOpen(incident)) return { refused: `${incident.id} is open.` };
  const openId = who.openId ?? null;
  if (openId !== null) return { refused: `${openId} is open for the same alerts: go on there.` };
  const { resolved: _gone, ...milestones } = withoutMitigated(incident);
  const text = `Reopened${who.actor === BOT ? '' : ` by <@${who.actor}>`}: ${who.because}`;
  const patch: Partial<Incident> = {
    status: statusWhileOpen(incident),
    milestones,
    ...doubtCause(moment),
    timers: setTimer(incident.timers, { kind: 'recheck', dueMs: moment.nowMs, refId: null }),
  };
  const happening = { kind: 'status-changed', actor: who.actor, text, note: { kind: 'update' } } as const;
  return { incident: changeIncident(incident, moment, patch, [happening]), reason: text };
};

/** What was known to be wrong, or well again, is asked anew. */
export const doubtCause = ({ at }: Moment) => ({
  goodChecks: 0,
  quietSince: null,
  wellSince: null,
  doubtedAt: at,
});

/** What an open incident is while it is not yet well: mitigating while a mitigation is at work. */
export const statusWhileOpen = (incident: Incident): IncidentStatus =>
  incident.mitigations.some((mitigation) => mitigation.state === 'active' || mitigation.state === 'applying')
    ? 'mitigating'
    : 'investigating';

export const postUpdate = (incident: Incident, user: string, text: string, moment: Moment): Step => ({
  incident: changeIncident(incident, moment, {}, [
    { kind: 'update', actor: user, text: `<@${user}>: ${text}`, note: { kind: 'update' } },
  ]),
  reason: 'Told in the thread.',
});
