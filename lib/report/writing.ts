import type { Incident } from '../domain/incident.ts';
import type { Lease } from '../domain/lease.ts';
import type { AuditEntry, TimelineEntry } from '../domain/timeline.ts';
import { mdText } from './markdown.ts';
import { redact } from './redact.ts';

export type PostmortemInput = {
  readonly incident: Incident;
  readonly timeline: readonly TimelineEntry[];
  readonly audit: readonly AuditEntry[];
  readonly leases: readonly Lease[];
  readonly writtenAt: string;
  /** Names of people by their id, where they are known; an id without a name stays. */
  readonly people?: ReadonlyMap<string, string>;
  /** Every secret value that could have slipped into a title. */
  readonly secrets?: readonly string[];
};

/** What every part of the document is written from. The four make somebody else's text safe: redacted, then escaped. */
export type Writing = PostmortemInput & {
  readonly say: (text: string, max?: number) => string;
  /** What was written for Slack: people by name, addresses as they read. */
  readonly sayTold: (text: string, max?: number) => string;
  /** The same with the line breaks that a person made. */
  readonly sayLines: (text: string) => string;
  readonly person: (id: string) => string;
};

export const beginWriting = (input: PostmortemInput): Writing => {
  const clean = (text: string): string => redact(text, input.secrets ?? []);
  const nameOf = (id: string): string => input.people?.get(id) ?? id;
  const told = (text: string): string =>
    clean(text)
      .replace(MENTION, (_whole, id: string) => nameOf(id))
      .replace(SLACK_LINK, (_whole, address: string, label?: string) =>
        label === undefined || address.endsWith(label) ? address : `${label} (${address})`,
      );
  return {
    ...input,
    say: (text, max) => mdText(clean(text), max),
    sayTold: (text, max) => mdText(told(text), max),
    sayLines: (text) =>
      told(text)
        .split(/[\r\n]+/)
        .map((line) => mdText(line))
        .filter((line) => line !== '')
        .join('<br>'),
    person: (id) => mdText(clean(nameOf(id)), 80),
  };
};

/** `<@U1>` is a person in Slack. */
const MENTION = /<@([A-Z0-9]{1,31})(?:\|[^<>]{0,100})?>/g;

/** `<https://a.example|a.example>` is how Slack passes on an address that a person typed. */
const SLACK_LINK = /<(https?:\/\/[^\s|<>]{1,2000})(?:\|([^<>]{0,500}))?>/g;
