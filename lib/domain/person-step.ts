import type { Command } from './command.ts';
import type { Incident } from './incident.ts';
import type { Moment } from './incident-change.ts';
import {
  acknowledge,
  assign,
  postUpdate,
  reopen,
  resolve,
  type Step,
  setSeverity,
  unacknowledge,
} from './incident-steps.ts';

/** What a person asks of an incident itself, however it was asked. */
export type StepCommand = Extract<
  Command,
  { readonly verb: 'ack' | 'unack' | 'assign' | 'severity' | 'update' | 'resolve' | 'reopen' }
>;

/** The command that a button stands for; null for buttons that start other work. Its dialog has asked already. */
export const commandOfButton = (action: string, incidentId: string): StepCommand | null => {
  switch (action) {
    case 'incident.acknowledge':
      return { verb: 'ack', incidentId };
    case 'incident.unacknowledge':
      return { verb: 'unack', incidentId };
    case 'incident.assign':
      return { verb: 'assign', incidentId, user: null };
    case 'incident.resolve':
      return { verb: 'resolve', incidentId, anyway: true };
    case 'incident.reopen':
      return { verb: 'reopen', incidentId };
    default:
      return null;
  }
};

const BECAUSE = 'a person decided it.';

/** `openId`: the incident that is open for the same alerts, where that matters. */
export type Who = { readonly user: string; readonly openId: string | null };

export const stepByPerson = (incident: Incident, command: StepCommand, who: Who, moment: Moment): Step => {
  const { user, openId } = who;
  switch (command.verb) {
    case 'ack':
      return acknowledge(incident, user, moment);
    case 'unack':
      return unacknowledge(incident, user, moment);
    case 'assign':
      return assign(incident, { commander: command.user ?? user, by: user }, moment);
    case 'severity':
      return setSeverity(incident, command.severity, user, moment);
    case 'update':
      return postUpdate(incident, user, command.text, moment);
    case 'resolve':
      return resolve(incident, { actor: user, because: BECAUSE }, moment);
    case 'reopen':
      return reopen(incident, { actor: user, because: BECAUSE, openId }, moment);
  }
};
