import type { Deployment } from '../domain/deployment.ts';
import { readMembers } from './labels.ts';
import { boundLine, type Cuts } from './text.ts';
import { readTime } from './time.ts';

export type ReadDeployment =
  | {
      readonly ok: true;
      readonly service: string;
      readonly environment: string;
      readonly deployment: Deployment;
    }
  /** One sentence for the log of whoever sent it. */
  | { readonly ok: false; readonly why: string };

/** As `triage.config.ts` names services. */
const NAME = /^\w[\w.-]{0,62}$/;

/** It is shown and kept as it is: a name, and no text. */
const VERSION = /^[\w.+@:/~-]{1,128}$/;

const MOST_CHARS = { version: 128, by: 128, url: 512 } as const;

const MEMBERS = ['service', 'environment', 'version', 'at', 'by', 'url'];

const refuse = (why: string): ReadDeployment => ({ ok: false, why });

const readJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8').decode(bytes));
  } catch {
    return null;
  }
};

/** Cleaned, on one line, bounded; null where there is none. A number is a version, too. */
const textOf = (members: ReadonlyMap<string, unknown>, name: keyof typeof MOST_CHARS): string | null => {
  const member = members.get(name);
  const text = typeof member === 'number' ? String(member) : member;
  const cuts: Cuts = new Map();
  return typeof text === 'string' ? boundLine(cuts, name, text, MOST_CHARS[name]) || null : null;
};

/** A link that a reader may open; without what stands for a password in it. */
const linkOf = (text: string | null): string | null => {
  const url = URL.parse(text ?? '');
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return null;
  url.username = '';
  url.password = '';
  return url.href;
};

/**
 * `{"service","environment"?,"version","at"?,"by"?,"url"?}` as a pipeline sends it. Strict, since the sender is a script that somebody can
 * mend: what is misspelt is told and not guessed. Pure.
 */
export const readDeployment = (bytes: Uint8Array, acceptedAt: string): ReadDeployment => {
  const members = readMembers(readJson(bytes));
  if (members === null) return refuse('the body is not a JSON object');
  const unknown = [...members.keys()].filter((name) => !MEMBERS.includes(name));
  if (unknown.length > 0) return refuse(`a member is unknown; there are ${MEMBERS.join(', ')}`);
  const service = members.get('service');
  const environment = members.get('environment') ?? 'production';
  if (typeof service !== 'string' || !NAME.test(service))
    return refuse('service: the name of a service is missing, or is none');
  if (typeof environment !== 'string' || !NAME.test(environment))
    return refuse('environment: is no name of an environment');
  const version = textOf(members, 'version');
  if (version === null || !VERSION.test(version))
    return refuse('version: what went out is missing, or is more than letters, digits and . _ - + @ : / ~');
  const given = members.get('at') ?? null;
  const at = given === null ? acceptedAt : readTime(given, Date.parse(acceptedAt));
  if (at === null) return refuse('at: not a time with its zone, as 2026-11-20T12:00:00Z, or one in the future');
  const deployment: Deployment = {
    version,
    at,
    isTimed: given !== null,
    by: textOf(members, 'by'),
    url: linkOf(textOf(members, 'url')),
  };
  return { ok: true, service, environment, deployment };
};
