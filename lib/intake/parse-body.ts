import type { Alert } from '../domain/alert.ts';
import { generic } from './generic.ts';
import type { ReadAlerts, Reading } from './source.ts';
import { findSource, SOURCES } from './sources.ts';
import { type Cuts, describeCuts } from './text.ts';

export type ParsedBody =
  | {
      readonly kind: 'alerts';
      readonly alerts: readonly Alert[];
      /** Entries that say of an alert in this body what a later entry of it overrules. */
      readonly ignored: number;
      /** Entries that are no alert: the body must be kept aside as well. */
      readonly unreadable: number;
      /** What was shortened, left out here or by the sender; null when nothing was. */
      readonly truncated: string | null;
    }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unreadable'; readonly why: string };

export type BodyInput = {
  readonly source: string;
  readonly integration: string;
  readonly bytes: Uint8Array;
  readonly acceptedAt: string;
};

/** By its byte-order mark, else UTF-8 with U+FFFD for what is not; the content type is not believed. */
const decode = (bytes: Uint8Array): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
};

type Json = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

const readJson = (text: string): Json => {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
};

/** JSON, or a form whose `payload` is JSON, as senders made for Slack's first webhooks post it. */
const readValue = (text: string): Json => {
  const json = readJson(text);
  if (json.ok || !text.startsWith('payload=')) return json;
  return readJson(new URLSearchParams(text).get('payload') ?? '');
};

/** The named source first. The generic door takes every shape we know, and takes it for what it is. */
const readWithSources = (body: unknown, reading: Reading): ReadAlerts => {
  const named = findSource(reading.source);
  const order = named === null || named === generic ? SOURCES : [named, generic];
  for (const source of order) {
    const read = source.read(body, reading);
    if (read !== null) return read;
  }
  return { alerts: [], unreadable: 1 };
};

const isLater = (one: Alert, other: Alert, acceptedAt: string): boolean => {
  const [oneAt, otherAt] = [one, other].map((alert) => alert.endedAt ?? alert.startedAt);
  // Entries without any time are in the order in which they were written.
  if (oneAt === null && otherAt === null) return true;
  const [oneTime, otherTime] = [oneAt ?? acceptedAt, otherAt ?? acceptedAt];
  return oneTime === otherTime ? one.state === 'firing' || other.state !== 'firing' : oneTime > otherTime;
};

/** One entry per key: the later time wins, on a tie firing wins. */
const settleTwins = (alerts: readonly Alert[], acceptedAt: string): readonly Alert[] => {
  const byKey = new Map<string, Alert>();
  for (const alert of alerts) {
    const earlier = byKey.get(alert.key);
    if (earlier === undefined || isLater(alert, earlier, acceptedAt)) byKey.set(alert.key, alert);
  }
  return [...byKey.values()];
};

/** Turns a body into alerts, whatever its content type. Pure; never throws, whatever the bytes. */
export const parseBody = (input: BodyInput): ParsedBody => {
  const text = decode(input.bytes);
  if (text.trim() === '') return { kind: 'empty' };
  const json = readValue(text);
  if (!json.ok) return { kind: 'unreadable', why: 'the body is not JSON' };
  const cuts: Cuts = new Map();
  const { source, integration, acceptedAt } = input;
  const read = readWithSources(json.value, { source, integration, acceptedAtMs: Date.parse(acceptedAt), cuts });
  if (read.alerts.length === 0) {
    return read.unreadable === 0
      ? { kind: 'empty' }
      : { kind: 'unreadable', why: read.why ?? 'no alert was found in the body' };
  }
  const alerts = settleTwins(read.alerts, acceptedAt);
  const ignored = read.alerts.length - alerts.length;
  return { kind: 'alerts', alerts, ignored, unreadable: read.unreadable, truncated: describeCuts(cuts) };
};
