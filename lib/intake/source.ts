import type { Alert, AlertState } from '../domain/alert.ts';
import { alertKey, groupKey } from '../domain/key.ts';
import { boundLabels, pickLabel } from './labels.ts';
import { readSeverity } from './severity.ts';
import { boundLine, boundText, type Cuts, countCut } from './text.ts';
import { readTime } from './time.ts';

/** One body being read. */
export type Reading = {
  readonly source: string;
  readonly integration: string;
  readonly acceptedAtMs: number;
  readonly cuts: Cuts;
};

export type ReadAlerts = {
  readonly alerts: readonly Alert[];
  /** Entries that are no alert; the whole body is then kept aside as well. */
  readonly unreadable: number;
  /** What the owner should know of a body without any alert, in a sentence without a stop; for what the source knows and cannot take. */
  readonly why?: string;
};

/**
 * A monitor we understand. `read` answers null when the body is not of its shape, so that another source may try;
 * it never throws, whatever the JSON. See `sources.ts` for how to add one.
 */
export type Source = {
  readonly name: string;
  readonly read: (body: unknown, reading: Reading) => ReadAlerts | null;
};

/** What a source found in one entry, in the sender's words; `readEntries` makes it safe and bounded. */
export type Draft = {
  /** What makes it the same alert next time; never a time, a text that changes, or the sender's address. */
  readonly identity: readonly string[];
  readonly group: readonly string[];
  readonly state: AlertState;
  readonly severity: readonly (string | undefined)[];
  readonly title: string;
  readonly summary: string | undefined;
  readonly service: string | undefined;
  readonly environment: string | undefined;
  readonly model: string | undefined;
  readonly startedAt: unknown;
  readonly endedAt: unknown;
  readonly labels: ReadonlyMap<string, string>;
  readonly link: string | undefined;
};

/** More in one body would be an attack or a mistake; 4 MiB of real bodies hold about half as many. */
const MAX_ALERTS = 20_000;
const MAX_TITLE_CHARS = 200;
const MAX_SUMMARY_CHARS = 2000;
const MAX_NAME_CHARS = 128;
const MAX_LINK_CHARS = 2000;

/** An http(s) address without credentials, as a URL parser writes it; everything else is no link. */
const readLink = (text: string | undefined): string | null => {
  if (text === undefined || text.length > MAX_LINK_CHARS) return null;
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  return url.username === '' && url.password === '' && url.href.length <= MAX_LINK_CHARS ? url.href : null;
};

const composeAlert = (draft: Draft, reading: Reading): Alert => {
  const { source, integration, acceptedAtMs, cuts } = reading;
  const name = (field: string, text: string | undefined): string | null =>
    boundLine(cuts, field, text ?? '', MAX_NAME_CHARS) || null;
  return {
    key: alertKey(integration, source, draft.identity),
    group: groupKey(integration, source, draft.group),
    source,
    integration,
    state: draft.state,
    severity: readSeverity(draft.severity),
    title: boundLine(cuts, 'title', draft.title, MAX_TITLE_CHARS) || 'Alert without a name',
    summary: boundText(cuts, 'summary', draft.summary ?? '', MAX_SUMMARY_CHARS),
    service: name('service', draft.service ?? pickLabel(draft.labels, ['service', 'service_name', 'app'])),
    environment: name('environment', draft.environment ?? pickLabel(draft.labels, ['environment', 'env'])),
    model: name('model', draft.model ?? pickLabel(draft.labels, ['model'])),
    startedAt: readTime(draft.startedAt, acceptedAtMs),
    endedAt: draft.state === 'resolved' ? readTime(draft.endedAt, acceptedAtMs) : null,
    labels: boundLabels(cuts, draft.labels),
    link: readLink(draft.link),
  };
};

/** Reads the entries one by one; `readOne` answers null for what is no alert. */
export const readEntries = (
  entries: readonly unknown[],
  reading: Reading,
  readOne: (entry: unknown) => Draft | null,
): ReadAlerts => {
  if (entries.length > MAX_ALERTS)
    countCut(reading.cuts, 'alerts over the limit of one body', entries.length - MAX_ALERTS);
  const alerts: Alert[] = [];
  for (const entry of entries.slice(0, MAX_ALERTS)) {
    const draft = readOne(entry);
    if (draft !== null) alerts.push(composeAlert(draft, reading));
  }
  return { alerts, unreadable: entries.length - alerts.length };
};
