import type { AlertState } from '../domain/alert.ts';
import { describeLabels, labelIdentity, pickLabel, readMembers, readTexts } from './labels.ts';
import { type Draft, readEntries, type Source } from './source.ts';

const RESOLVED = new Set([
  'resolved',
  'resolve',
  'ok',
  'okay',
  'recovered',
  'recovery',
  'closed',
  'close',
  'normal',
  'clear',
  'cleared',
]);
const NO_DATA = new Set(['nodata', 'unknown', 'insufficientdata']);
const FIRING = new Set([
  'firing',
  'alerting',
  'alert',
  'triggered',
  'trigger',
  'problem',
  'open',
  'opened',
  'active',
  'activated',
]);

const SERVICE = ['service', 'servicename', 'app'];
const ENVIRONMENT = ['environment', 'env'];

/** Names as senders spell them, without case and separators: `dedup_key`, `dedupKey` and `Dedup-Key` are one. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

type Fields = {
  /** The first of these that is there, as text. */
  readonly text: (...names: readonly string[]) => string | undefined;
  /** The same for times, which may be numbers. */
  readonly raw: (...names: readonly string[]) => unknown;
  readonly labels: ReadonlyMap<string, string>;
};

const readFields = (value: unknown): Fields | null => {
  const members = readMembers(value);
  if (members === null) return null;
  const byName = new Map<string, unknown>();
  for (const [name, member] of members) if (!byName.has(plain(name))) byName.set(plain(name), member);
  const raw = (...names: readonly string[]): unknown =>
    names.map((name) => byName.get(name)).find((member) => member !== undefined && member !== null && member !== '');
  const text = (...names: readonly string[]): string | undefined =>
    names
      .map((name) => byName.get(name))
      .map((member) => (typeof member === 'number' ? String(member) : member))
      .filter((member) => typeof member === 'string')
      .find((member) => member.trim() !== '');
  return { raw, text, labels: readTexts(byName.get('labels') ?? byName.get('tags')) };
};

const readState = (said: string | undefined): AlertState | null => {
  const word = plain(said ?? '');
  if (RESOLVED.has(word)) return 'resolved';
  if (NO_DATA.has(word)) return 'nodata';
  return FIRING.has(word) ? 'firing' : null;
};

const firstLine = (text: string | undefined): string | undefined => text?.trim().split('\n')[0];

const readTitle = (fields: Fields): string | undefined =>
  fields.text('title', 'name', 'alertname') ??
  fields.labels.get('alertname') ??
  fields.text('subject') ??
  firstLine(fields.text('summary', 'message', 'description', 'text')) ??
  (describeLabels(fields.labels) || undefined);

/** The sender's own key, else everything that names the trouble. */
const identify = (fields: Fields, id: string | undefined, title: string): readonly string[] => {
  if (id !== undefined) return ['id', id];
  const names = [fields.text(...SERVICE), fields.text(...ENVIRONMENT)].map((name) => name ?? '');
  return ['title', title, ...names, ...labelIdentity(fields.labels)];
};

const readTimes = (fields: Fields, state: AlertState): { readonly startedAt: unknown; readonly endedAt: unknown } => {
  // A bare time says when what the state tells of happened.
  const bare = fields.raw('timestamp', 'time');
  const startedAt = fields.raw('startsat', 'startedat', 'starttime', 'triggeredat', 'firedat');
  const endedAt = fields.raw('endsat', 'endedat', 'endtime', 'resolvedat', 'closedat');
  return { startedAt: startedAt ?? (state === 'resolved' ? null : bare), endedAt: endedAt ?? bare };
};

/** An entry must have words, or say which known alert it is about and what became of it. */
export const draftEntry = (value: unknown): Draft | null => {
  const fields = readFields(value);
  if (fields === null) return null;
  const { text, labels } = fields;
  const said = readState(text('state', 'status', 'alertstate', 'eventaction'));
  const id = text('dedupkey', 'alertuid', 'fingerprint', 'id');
  const words = readTitle(fields);
  if (words === undefined && (id === undefined || said === null)) return null;
  const title = words ?? `Alert ${id ?? ''}`;
  const state = said ?? 'firing';
  const identity = identify(fields, id, title);
  const service = text(...SERVICE) ?? pickLabel(labels, ['service', 'service_name', 'app']);
  const group = text('groupkey', 'group');
  const byName = words === undefined ? identity : ['title', service ?? '', title];
  return {
    identity,
    group: group === undefined ? byName : ['groupKey', group],
    state,
    severity: ['priority', 'severity', 'level'].map((name) => text(name) ?? labels.get(name)),
    title,
    summary: text('message', 'summary', 'description', 'details', 'text'),
    service,
    environment: text(...ENVIRONMENT),
    model: text('model'),
    ...readTimes(fields, state),
    labels,
    link: text('link', 'url', 'linktoupstreamdetails', 'generatorurl'),
  };
};

const listEntries = (body: unknown): readonly unknown[] => {
  if (Array.isArray(body)) return body;
  const members = readMembers(body);
  const inside = members?.get('alerts');
  if (Array.isArray(inside)) return inside;
  return members?.has('alerts') === true && inside === null ? [] : [body];
};

/** Whatever says in one object what is wrong: one, an array of them, `{"alerts": […]}`, or a text as sent to a Slack webhook. */
export const generic: Source = {
  name: 'generic',
  read: (body, reading) => readEntries(listEntries(body), reading, draftEntry),
};
