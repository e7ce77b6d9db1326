import { type Body, draftEntry, readBody as readWebhook } from './alertmanager.ts';
import { agreedTexts, readMembers, readTexts } from './labels.ts';
import { type Draft, type ReadAlerts, type Reading, readEntries, type Source } from './source.ts';

/** Members of an entry that Alertmanager does not send; templates of old versions drop those of the body. */
const MARKS = ['silenceURL', 'dashboardURL', 'panelURL', 'valueString', 'ruleUID'];

const isUnified = (value: unknown, body: Body): boolean => {
  const texts = readTexts(value);
  if (texts.has('orgId') || texts.has('appVersion') || texts.get('version') === '1') return true;
  return (body.alerts ?? []).slice(0, 10).some((entry) => MARKS.some((name) => readMembers(entry)?.has(name) === true));
};

/** Grafana tells under these names, of a rule and not of a series, that it could not be evaluated; `rulename` is the rule. */
const BLIND: ReadonlyMap<string, string> = new Map([
  ['DatasourceNoData', 'no data'],
  ['DatasourceError', 'the query fails'],
]);

/** A relative address is one of Grafana's own pages, and nobody knows under which host. */
const firstAddress = (addresses: readonly (string | undefined)[]): string | undefined =>
  addresses.find((address) => address !== undefined && URL.canParse(address));

const readUnified = (value: unknown, body: Body, org: string, acceptedAtMs: number): Draft | null => {
  const draft = draftEntry(value, body, acceptedAtMs);
  if (draft === null) return null;
  const texts = readTexts(value);
  const trouble = BLIND.get(draft.labels.get('alertname') ?? '');
  const rule = draft.labels.get('rulename') ?? draft.title;
  const orgParts = ['orgId', texts.get('orgId') ?? org];
  return {
    ...draft,
    identity: [...orgParts, ...draft.identity],
    group: [...orgParts, ...draft.group],
    state: trouble !== undefined && draft.state === 'firing' ? 'nodata' : draft.state,
    title: trouble === undefined ? draft.title : `${rule}: ${trouble}`,
    summary: draft.summary ?? readTexts(readMembers(value)?.get('annotations')).get('Error'),
    link: firstAddress([draft.link, texts.get('panelURL'), texts.get('dashboardURL')]),
  };
};

const readBody = (value: unknown, reading: Reading): ReadAlerts | null => {
  const webhook = readWebhook(value);
  if (webhook === null || !isUnified(value, webhook)) return null;
  const { groupKey } = webhook;
  // The group key of a test notification ends in the time at which somebody pressed the button.
  const body = groupKey?.startsWith('{') === true ? webhook : { ...webhook, groupKey: undefined };
  const org = readTexts(value).get('orgId') ?? '';
  return readEntries(body.alerts ?? [], reading, (entry) => readUnified(entry, body, org, reading.acceptedAtMs));
};

const LEGACY_STATES: ReadonlyMap<string, Draft['state']> = new Map([
  ['alerting', 'firing'],
  ['ok', 'resolved'],
  ['no_data', 'nodata'],
  ['paused', 'nodata'],
  ['pending', 'nodata'],
  ['unknown', 'nodata'],
]);

/** Before Grafana 9: one rule in one body, without times; a resolve names no series. */
const readLegacy = (value: unknown): Draft | null => {
  const members = readMembers(value);
  const texts = readTexts(value);
  const matches = members?.get('evalMatches');
  const rule = texts.get('ruleId') ?? texts.get('ruleName');
  const state = texts.get('state');
  if (matches === undefined || rule === undefined || state === undefined) return null;
  const identity = ['orgId', texts.get('orgId') ?? '', 'ruleId', rule];
  const series = Array.isArray(matches) ? matches.map((match) => readTexts(readMembers(match)?.get('tags'))) : [];
  const labels = new Map([...agreedTexts(series), ...readTexts(members?.get('tags'))]);
  return {
    identity,
    group: identity,
    state: LEGACY_STATES.get(state.toLowerCase()) ?? 'firing',
    severity: [labels.get('severity'), labels.get('priority')],
    title: texts.get('ruleName') ?? texts.get('title') ?? `Rule ${rule}`,
    summary: texts.get('message'),
    service: undefined,
    environment: undefined,
    model: undefined,
    startedAt: undefined,
    endedAt: undefined,
    labels,
    link: texts.get('ruleUrl'),
  };
};

/** Grafana's alerting, and the one before it. Identity is the organisation and the fingerprint, before that the rule. */
export const grafana: Source = {
  name: 'grafana',
  read: (value, reading) =>
    readLegacy(value) === null ? readBody(value, reading) : readEntries([value], reading, readLegacy),
};
