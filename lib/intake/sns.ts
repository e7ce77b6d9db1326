import { draftAlarm, isAlarm } from './cloudwatch.ts';
import { draftEntry } from './generic.ts';
import { readMembers, readTexts } from './labels.ts';
import { type Draft, readEntries, type Source } from './source.ts';
import { boundLine } from './text.ts';

/** The envelope's own words; what a stranger calls `Message` alone is not ours. */
const isEnvelope = (value: unknown): boolean => {
  const members = readMembers(value);
  const message = members?.get('Message');
  if (message === undefined) return members?.has('SubscribeURL') === true;
  return isAlarm(message) || ['TopicArn', 'MessageId'].some((name) => typeof members?.get(name) === 'string');
};

/** The envelope as HTTPS brings it, the records as Lambda gets them, or the alarm alone (raw delivery); null: none of these. */
const listNotifications = (body: unknown): readonly unknown[] | null => {
  if (isEnvelope(body) || isAlarm(body)) return [body];
  const records = readMembers(body)?.get('Records');
  const envelopes = (Array.isArray(records) ? records : []).map((record) => readMembers(record)?.get('Sns'));
  return envelopes.some(isEnvelope) ? envelopes : null;
};

const readJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
};

/** Told by its topic and subject: a message's id is new each time. It never says that it is over. */
const draftText = (envelope: ReadonlyMap<string, string>, message: unknown): Draft | null => {
  const words = typeof message === 'string' ? message.trim() : undefined;
  const title = envelope.get('Subject') ?? readTexts(message).get('detail-type') ?? words?.split('\n')[0] ?? '';
  if (title === '') return null;
  const identity = ['topic', envelope.get('TopicArn') ?? '', 'subject', title];
  return {
    identity,
    group: identity,
    state: 'firing',
    severity: [],
    title,
    summary: words,
    service: undefined,
    environment: undefined,
    model: undefined,
    startedAt: envelope.get('Timestamp'),
    endedAt: undefined,
    labels: new Map(),
    link: undefined,
  };
};

/** Who points a topic here wants to be told what it says: a message that is no alarm is an alert as well, so that nothing is lost. */
const draftNotification = (value: unknown): Draft | null => {
  if (isAlarm(value)) return draftAlarm(value);
  const envelope = readTexts(value);
  const said = readMembers(value)?.get('Message');
  const message = typeof said === 'string' ? readJson(said) : said;
  if (isAlarm(message)) return draftAlarm(message);
  // EventBridge's account of alarms: taken for a text, an alarm that is over would be one that fires.
  if (readTexts(message).get('detail-type')?.startsWith('CloudWatch Alarm') === true) return null;
  const draft = draftEntry(message);
  if (draft === null) return draftText(envelope, message);
  const topic = ['topic', envelope.get('TopicArn') ?? ''];
  return { ...draft, identity: [...topic, ...draft.identity], group: [...topic, ...draft.group] };
};

/** No link of a body is visited: it may lead anywhere, and that of the second would subscribe the topic again. */
const CONFIRMATIONS: ReadonlyMap<string, string> = new Map([
  [
    'SubscriptionConfirmation',
    'an SNS topic asks to send here, and the bot opens no links: give its alarms the action AlertsTopicArn instead',
  ],
  ['UnsubscribeConfirmation', 'an SNS topic was unsubscribed: its alarms do not come here any more'],
]);

/**
 * Amazon SNS, above all with CloudWatch alarms, whose identity is their ARN. No signature is checked: the alerts token opens the door,
 * or AWS itself between the stack's own topic and its function.
 */
export const sns: Source = {
  name: 'sns',
  read: (body, reading) => {
    const notifications = listNotifications(body);
    if (notifications === null) return null;
    const envelope = readTexts(notifications[0]);
    const why = CONFIRMATIONS.get(envelope.get('Type') ?? '');
    if (why === undefined) return readEntries(notifications, reading, draftNotification);
    const topic = boundLine(reading.cuts, 'topic', envelope.get('TopicArn') ?? '', 80);
    return { alerts: [], unreadable: 1, why: `${why} (${topic || 'no topic named'})` };
  },
};
