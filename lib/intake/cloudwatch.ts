import { agreedTexts, readMembers, readTexts } from './labels.ts';
import type { Draft } from './source.ts';

const STATES: ReadonlyMap<string, Draft['state']> = new Map([
  ['ALARM', 'firing'],
  ['OK', 'resolved'],
  ['INSUFFICIENT_DATA', 'nodata'],
]);

export const isAlarm = (value: unknown): boolean => typeof readMembers(value)?.get('AlarmName') === 'string';

type Said = { readonly words: string; readonly labels: ReadonlyMap<string, string> };

/**
 * `[severity=P1 service=chat-api]` in an alarm's description, in one pair of brackets or several: the one place where an alarm's owner
 * can say more than AWS asks for and that comes with every notification. Brackets around anything else are words.
 */
const readDescription = (text: string): Said => {
  const labels = new Map<string, string>();
  const words = text.replace(/\[([^[\]]{1,500})\]/g, (whole, inside: string) => {
    const pairs = inside.split(/[\s,]+/).filter((part) => part !== '');
    const read = pairs.map((pair) => /^([a-z_]+)=(.+)$/i.exec(pair));
    if (read.length === 0 || read.includes(null)) return whole;
    for (const pair of read) labels.set((pair?.[1] ?? '').toLowerCase(), pair?.[2] ?? '');
    return '';
  });
  return { words: words.replace(/ {2,}/g, ' ').trim(), labels };
};

const readDimensions = (dimensions: unknown): ReadonlyMap<string, string> => {
  const pairs = (Array.isArray(dimensions) ? dimensions : []).map(readTexts);
  return new Map(pairs.map((one) => [one.get('name') ?? '', one.get('value') ?? '']));
};

const describeMetric = (value: unknown): ReadonlyMap<string, string> => {
  const metric = readMembers(value);
  const own = readTexts({ metric: metric?.get('MetricName'), namespace: metric?.get('Namespace') });
  return new Map([...own, ...readDimensions(metric?.get('Dimensions'))]);
};

/** Dimensions, name and namespace of the metric; with metric math what all of its metrics say alike. A composite alarm has none. */
const readTrigger = (value: unknown): ReadonlyMap<string, string> => {
  const trigger = readMembers(value);
  const queries = trigger?.get('Metrics');
  const metrics = (Array.isArray(queries) ? queries : []).map((query) =>
    readMembers(readMembers(query)?.get('MetricStat'))?.get('Metric'),
  );
  return agreedTexts([value, ...metrics].map(describeMetric));
};

const ARN = /^arn:aws:cloudwatch:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:alarm:(.+)$/s;

/** The alarm in AWS's console. */
const addressOf = (arn: string): string | undefined => {
  const [, region, name] = ARN.exec(arn) ?? [];
  if (region === undefined || name === undefined) return undefined;
  const hash = `alarmsV2:alarm/${encodeURIComponent(name.toWellFormed())}`;
  return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#${hash}`;
};

/** An alarm as CloudWatch writes it for SNS: metric alarms, metric math and composite ones. It has no severity of its own. */
export const draftAlarm = (alarm: unknown): Draft => {
  const texts = readTexts(alarm);
  const text = (name: string): string => texts.get(name) ?? '';
  const said = readDescription(text('AlarmDescription'));
  const labels = new Map([...readTrigger(readMembers(alarm)?.get('Trigger')), ...said.labels]);
  const pick = (...names: readonly string[]) => names.map((name) => labels.get(name)).find(Boolean);
  const arn = text('AlarmArn');
  const identity = arn === '' ? ['alarm', text('AWSAccountId'), text('Region'), text('AlarmName')] : ['arn', arn];
  const state = STATES.get(text('NewStateValue')) ?? 'firing';
  const changedAt = texts.get('StateChangeTime');
  return {
    identity,
    group: identity,
    state,
    severity: [said.labels.get('severity'), said.labels.get('priority')],
    title: text('AlarmName'),
    summary: [said.words, text('NewStateReason')].filter(Boolean).join('\n'),
    service: pick('service', 'Service', 'ServiceName'),
    environment: pick('environment', 'Environment'),
    model: undefined,
    startedAt: state === 'firing' ? changedAt : undefined,
    endedAt: changedAt,
    labels,
    link: addressOf(arn),
  };
};
