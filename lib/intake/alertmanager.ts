import type { AlertState } from '../domain/alert.ts';
import { describeLabels, labelIdentity, pickLabel, readMembers, readTexts } from './labels.ts';
import { type Draft, readEntries, type Source } from './source.ts';
import { countCut } from './text.ts';
import { readTime } from './time.ts';

/** The members of a body that we read; Grafana sends the same and more. */
export type Body = {
  readonly alerts: readonly unknown[] | null;
  readonly status: string | undefined;
  readonly groupKey: string | undefined;
  readonly receiver: string | undefined;
  readonly groupLabels: unknown;
  readonly commonLabels: unknown;
  readonly truncatedAlerts: number;
};

/** Senders imitate Alertmanager with members missing or of the wrong type; what is no text is not there. */
const textOf = (member: unknown): string | undefined => (typeof member === 'string' ? member : undefined);

/** By hand: zod would be 28 of the 60 kB that the function at the door may have. */
export const readBody = (value: unknown): Body | null => {
  const members = readMembers(value);
  const alerts = members?.get('alerts');
  if (members === null || (alerts !== null && !Array.isArray(alerts))) return null;
  const truncated = members.get('truncatedAlerts');
  return {
    alerts,
    status: textOf(members.get('status')),
    groupKey: textOf(members.get('groupKey')),
    receiver: textOf(members.get('receiver')),
    groupLabels: members.get('groupLabels'),
    commonLabels: members.get('commonLabels'),
    truncatedAlerts: typeof truncated === 'number' && Number.isFinite(truncated) ? truncated : 0,
  };
};

/** The webhook's own members, or entries that speak in labels and not in titles. Its payload may be templated, so the shape decides. */
const isOurs = (body: Body): boolean =>
  [body.groupKey, body.receiver, body.groupLabels, body.commonLabels].some((member) => member !== undefined) ||
  (body.alerts ?? []).slice(0, 10).some((entry) => {
    const members = readMembers(entry);
    return members?.has('labels') === true && !['title', 'name', 'message', 'text'].some((name) => members.has(name));
  });

type Entry = ReadonlyMap<string, unknown>;

/** The alert's own status decides: resolved alerts sit inside firing bodies. Without one, a past end or the body's status tells. */
const readState = (entry: Entry, body: Body, acceptedAtMs: number): AlertState => {
  const status = (textOf(entry.get('status')) ?? '').toLowerCase();
  if (status !== '') return status === 'resolved' ? 'resolved' : 'firing';
  const endedAt = readTime(textOf(entry.get('endsAt')), acceptedAtMs);
  const isOver = endedAt !== null && Date.parse(endedAt) <= acceptedAtMs;
  return isOver || body.status?.toLowerCase() === 'resolved' ? 'resolved' : 'firing';
};

export const draftEntry = (value: unknown, body: Body, acceptedAtMs: number): Draft | null => {
  const entry = readMembers(value);
  if (entry === null) return null;
  const labels = readTexts(entry.get('labels'));
  const annotations = readTexts(entry.get('annotations'));
  const fingerprint = textOf(entry.get('fingerprint'))?.trim() ?? '';
  const title = labels.get('alertname') ?? pickLabel(annotations, ['title', 'summary']) ?? describeLabels(labels);
  if (fingerprint === '' && title === '') return null;
  const ownPairs = labelIdentity(labels);
  const weak = ownPairs.length > 0 ? ['labels', ...ownPairs] : ['title', title];
  const identity = fingerprint === '' ? weak : ['fingerprint', fingerprint];
  const alertname = labels.get('alertname');
  const byName = alertname === undefined ? identity : ['alertname', labels.get('service') ?? '', alertname];
  return {
    identity,
    group: body.groupKey === undefined || body.groupKey === '' ? byName : ['groupKey', body.groupKey],
    state: readState(entry, body, acceptedAtMs),
    severity: [labels.get('severity'), labels.get('priority')],
    title: title === '' ? `Alert ${fingerprint}` : title,
    summary: pickLabel(annotations, ['summary', 'description', 'message']),
    service: undefined,
    environment: undefined,
    model: undefined,
    startedAt: textOf(entry.get('startsAt')),
    endedAt: textOf(entry.get('endsAt')),
    labels,
    link: textOf(entry.get('generatorURL')),
  };
};

/**
 * Prometheus Alertmanager, webhook version 4, and those who imitate it. Identity is the fingerprint: `startsAt` moves both ways,
 * `externalURL` differs between replicas, annotations change.
 */
export const alertmanager: Source = {
  name: 'alertmanager',
  read: (value, reading) => {
    const body = readBody(value);
    if (body === null || !isOurs(body)) return null;
    const leftOut = body.truncatedAlerts;
    if (leftOut > 0) countCut(reading.cuts, 'alerts left out by the sender', leftOut);
    return readEntries(body.alerts ?? [], reading, (entry) => draftEntry(entry, body, reading.acceptedAtMs));
  },
};
