import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Alert } from '../../lib/domain/alert.ts';
import { type ParsedBody, parseBody } from '../../lib/intake/parse-body.ts';

/** Later than every time in the fixtures but the one that lies in the future on purpose. */
const ACCEPTED_AT = '2026-11-20T09:30:00.000Z';

/** Our own captures, in the repository. */
const OWN = new URL('../fixtures/alerts/', import.meta.url);
/** Bodies of others, to be read where they lie and only if they do. */
const SHARED = new URL('../../../shared/fixtures/alerts/', import.meta.url);

export const listFixtures = (source: string): readonly string[] =>
  [OWN, SHARED].flatMap((root) => {
    const folder = new URL(`${source}/`, root);
    return existsSync(folder) ? readdirSync(folder) : [];
  });

/** null where the fixture is not here. */
export const readFixture = (source: string, name: string): Uint8Array | null => {
  const found = [OWN, SHARED].map((root) => new URL(`${source}/${name}`, root)).find((url) => existsSync(url));
  return found === undefined ? null : readFileSync(found);
};

export const parseBytes = (source: string, bytes: Uint8Array): ParsedBody =>
  parseBody({ source, integration: 'default', bytes, acceptedAt: ACCEPTED_AT });

export const parseJson = (source: string, body: unknown): ParsedBody =>
  parseBytes(source, Buffer.from(JSON.stringify(body)));

/** The alerts of a body that must have some. */
export const alertsOf = (parsed: ParsedBody): readonly Alert[] => {
  if (parsed.kind !== 'alerts') throw new Error(`expected alerts, got ${JSON.stringify(parsed)}`);
  return parsed.alerts;
};

export const firstAlert = (parsed: ParsedBody): Alert => {
  const [alert] = alertsOf(parsed);
  if (alert === undefined) throw new Error('no alert');
  return alert;
};

/** One line per alert, as a table can hold it. */
export const tellAlerts = (parsed: ParsedBody): readonly string[] =>
  parsed.kind === 'alerts'
    ? parsed.alerts.map((alert) =>
        [alert.state, alert.severity, alert.title, alert.service, alert.model, alert.startedAt, alert.endedAt]
          .map((part) => part ?? '-')
          .join(' | '),
      )
    : [parsed.kind];
