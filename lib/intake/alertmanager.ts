import * as z from 'zod/mini';
import type { AlertState } from '../domain/alert.ts';
import { describeLabels, labelIdentity, pickLabel, readMembers, readTexts } from './labels.ts';
import { type Draft, readEntries, type Source } from './source.ts';
import { countCut } from './text.ts';
import { readTime } from './time.ts';

/** Senders imitate Alertmanager with members missing or of the wrong type; what is no text is not there. */
const text = z.catch(z.optional(z.string()), undefined);
const anything = z.optional(z.unknown());

/** The members of a body that we read; Grafana sends the same and more. */
export const bodySchema = z.object({
  alerts: z.union([z.array(z.unknown()), z.null()]),
  status: text,
  groupKey: text,
  receiver: text,
  groupLabels: anything,
  commonLabels: anything,
  truncatedAlerts: z.catch(z.optional(z.number()), undefined),
});

const entrySchema = z.object({
  status: text,
  labels: anything,
  annotations: anything,
  startsAt: text,
  endsAt: text,
  generatorURL: text,
  fingerprint: text,
});

export type Body = z.infer<typeof bodySchema>;
type Entry = z.infer<typeof entrySchema>;

/** The webhook's own members, or entries that speak in labels and not in titles. Its payload may be templated, so the shape decides. */
const isOurs = (body: Body): boolean =>
  [body.groupKey, body.receiver, body.groupLabels, body.commonLabels].some((member) => member !== undefined) ||
  (body.alerts ?? []).slice(0, 10).some((entry) => {
    const members = readMembers(entry);
    return members?.has('labels') === true && !['title', 'name', 'message', 'text'].some((name) => members.has(name));
  });

/** The alert's own status decides: resolved alerts sit inside firing bodies. Without one, a past end or the body's status tells. */
const readState = (entry: Entry, body: Body, acceptedAtMs: number): AlertState => {
  const status = (entry.status ?? '').toLowerCase();
  if (status !== '') return status === 'resolved' ? 'resolved' : 'firing';
  const endedAt = readTime(entry.endsAt, acceptedAtMs);
  const isOver = endedAt !== null && Date.parse(endedAt) <= acceptedAtMs;
  return isOver || body.status?.toLowerCase() === 'resolved' ? 'resolved' : 'firing';
};

export const draftEntry = (value: unknown, body: Body, acceptedAtMs: number): Draft | null => {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) return null;
  const entry = parsed.data;
  const labels = readTexts(entry.labels);
  const annotations = readTexts(entry.annotations);
  const fingerprint = entry.fingerprint?.trim() ?? '';
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
    startedAt: entry.startsAt,
    endedAt: entry.endsAt,
    labels,
    link: entry.generatorURL,
  };
};

/**
 * Prometheus Alertmanager, webhook version 4, and those who imitate it. Identity is the fingerprint: `startsAt` moves both ways,
 * `externalURL` differs between replicas, annotations change.
 */
export const alertmanager: Source = {
  name: 'alertmanager',
  read: (value, reading) => {
    const body = bodySchema.safeParse(value);
    if (!body.success || !isOurs(body.data)) return null;
    const leftOut = body.data.truncatedAlerts ?? 0;
    if (leftOut > 0) countCut(reading.cuts, 'alerts left out by the sender', leftOut);
    return readEntries(body.data.alerts ?? [], reading, (entry) => draftEntry(entry, body.data, reading.acceptedAtMs));
  },
};
