import { readMembers, readTexts } from './labels.ts';
import { type Draft, readEntries, type Source } from './source.ts';

type Texts = ReadonlyMap<string, string>;

/** What a template names and Datadog could not fill stays as it was written. */
const isUnfilled = (text: string): boolean => text.trim() === '' || /^\$[A-Z_]+$/.test(text.trim());

const readFilled = (value: unknown): Texts => new Map([...readTexts(value)].filter(([, text]) => !isUnfilled(text)));

const first = (texts: Texts, ...names: readonly string[]): string | undefined =>
  names.map((name) => texts.get(name)).find((text) => text !== undefined);

/** Our template's names, the same with Datadog's prefix, and monitors as its API tells them. Its default body has no id of the monitor. */
const idOf = (texts: Texts): string | undefined => first(texts, 'alert_id', 'monitor_id');
const transitionOf = (texts: Texts): string | undefined => first(texts, 'transition', 'alert_transition');

const isOurs = (texts: Texts): boolean => {
  if (texts.has('alert_cycle_key') || texts.has('alert_transition')) return true;
  if (texts.has('alert_id') && texts.has('transition')) return true;
  if (texts.has('monitor_id') && texts.has('query')) return true;
  return ['event_type', 'last_updated', 'title'].every((name) => texts.has(name));
};

/** `[Recovered on {env:prod}] [P1] Name`: all that the default body says of state, scope and severity. */
const TITLE = /^\s*\[([a-z-]+(?: [a-z-]+)*?)(?: on \{([^}]*)\})?\]\s*(?:\[(P[1-5])\]\s*)?(\S.*)$/is;

type Headline = {
  readonly transition: string | undefined;
  readonly scope: string | undefined;
  readonly priority: string | undefined;
  readonly name: string;
};

const readTitle = (title: string): Headline => {
  const [, transition, scope, priority, name] = TITLE.exec(title) ?? [];
  return { transition, scope, priority, name: name ?? title };
};

/** `service:api,env:prod` and tags without a value, which name nothing for us. The first of two values stays. */
const readTags = (text: string): Texts => {
  const pairs = text.split(',').flatMap((tag): (readonly [string, string])[] => {
    const colon = tag.indexOf(':');
    return colon < 1 ? [] : [[tag.slice(0, colon).trim(), tag.slice(colon + 1).trim()]];
  });
  return new Map(pairs.toReversed());
};

/** Muted: a person wants to hear nothing of it, which is neither its beginning nor its end. */
const stateOf = (transition: string | undefined, type: string | undefined): Draft['state'] => {
  const said = transition?.toLowerCase() ?? '';
  if (said.includes('recovered')) return 'resolved';
  if (said.includes('no data') || said.includes('muted')) return 'nodata';
  return said === '' && type === 'success' ? 'resolved' : 'firing';
};

/** Sent again while it goes on: its time is not that of the beginning. */
const isRepeat = (transition: string | undefined): boolean => /^re-|^renotify/i.test(transition ?? '');

const readEntry = (value: unknown): Draft | null => {
  const texts = readFilled(value);
  if (!isOurs(texts)) return null;
  const headline = readTitle(first(texts, 'title', 'event_title') ?? '');
  const transition = transitionOf(texts) ?? headline.transition;
  const type = first(texts, 'type', 'alert_type');
  const scope = first(texts, 'scope', 'alert_scope') ?? headline.scope ?? '';
  const tags = new Map([...readTags(first(texts, 'tags') ?? ''), ...readTags(scope)]);
  const host = first(texts, 'host', 'hostname');
  const labels = new Map([...tags, ...(host === undefined ? [] : [['host', host] as const])]);
  const id = idOf(texts);
  if (id === undefined && headline.name === '') return null;
  const monitor = id === undefined ? ['title', headline.name] : ['monitor', id];
  const state = stateOf(transition, type);
  const date = first(texts, 'date', 'last_updated');
  return {
    identity: [
      ...monitor,
      ...scope
        .split(',')
        .map((part) => part.trim())
        .toSorted(),
    ],
    group: [...monitor, labels.get('service') ?? ''],
    state,
    severity: [first(texts, 'priority', 'alert_priority') ?? headline.priority, type],
    title: headline.name === '' ? `Monitor ${id ?? ''}` : headline.name,
    summary: first(texts, 'body', 'message', 'description')?.replaceAll('%%%', ''),
    service: undefined,
    environment: undefined,
    model: undefined,
    startedAt: state === 'firing' && !isRepeat(transition) ? date : undefined,
    endedAt: date,
    labels,
    link: first(texts, 'link'),
  };
};

/** Datadog's webhooks. Their body is a template, so several are understood; docs/alerts.md has the one to paste. */
export const datadog: Source = {
  name: 'datadog',
  read: (body, reading) =>
    readMembers(body) === null || !isOurs(readFilled(body)) ? null : readEntries([body], reading, readEntry),
};
