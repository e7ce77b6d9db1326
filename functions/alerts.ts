import { createHash } from 'node:crypto';
import type { Job, JobBody } from '../lib/domain/job.ts';
import { type HttpEvent, type HttpRequest, type HttpResult, readEvent } from '../lib/intake/http-event.ts';
import { packJobs } from '../lib/intake/pack-jobs.ts';
import { type ParsedBody, parseBody } from '../lib/intake/parse-body.ts';
import { findSource } from '../lib/intake/sources.ts';
import { boundLine } from '../lib/intake/text.ts';
import { verifyAlertsToken } from '../lib/intake/verify.ts';
import type { Documents } from '../lib/ports/documents.ts';
import type { Jobs } from '../lib/ports/jobs.ts';
import type { Clock, Ids, Log, Wait } from '../lib/ports/world.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Senders give up after one second; they must hear "not stored" before that. */
const STORE_LIMIT_MS = 800;

type AlertsParts = {
  readonly jobs: Jobs;
  readonly documents: Documents;
  readonly tokens: () => readonly string[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly wait: Wait;
};

type Route = { readonly source: string; readonly integration: string };
type Counts = { readonly accepted: number; readonly quarantined: number; readonly ignored: number };

const answer = (statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpResult => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});

/** `/alerts/{source}` or `/alerts/{source}/{integration}`; null for a source or a name we do not know. */
const readRoute = (path: string): Route | null => {
  const [, source, integration = ''] = /^\/alerts\/([a-z-]{1,32})(?:\/([\w.-]{0,64}))?$/.exec(path) ?? [];
  if (source === undefined || findSource(source) === null) return null;
  return { source, integration: integration === '' ? 'default' : integration };
};

/** Everything that is decided before the body is looked at; null lets it pass. Who is not let in learns nothing about sources. */
const refuse = (request: HttpRequest, route: Route | null, tokens: readonly string[]): HttpResult | null => {
  if (!verifyAlertsToken({ headers: request.headers, query: request.query, tokens })) {
    return answer(401, { error: 'unauthorized' });
  }
  if (route === null) return answer(404, { error: 'unknown source' });
  if (request.method !== 'POST' && request.method !== 'PUT') {
    return answer(405, { error: 'method not allowed' }, { allow: 'POST, PUT' });
  }
  if (request.bytes.length > MAX_BODY_BYTES) return answer(413, { error: 'body over 4 MiB' });
  return null;
};

const countParsed = (parsed: ParsedBody): Counts => {
  switch (parsed.kind) {
    case 'alerts':
      return { accepted: parsed.alerts.length, quarantined: parsed.unreadable, ignored: parsed.ignored };
    case 'empty':
      return { accepted: 0, quarantined: 0, ignored: 0 };
    case 'unreadable':
      return { accepted: 0, quarantined: 1, ignored: 0 };
  }
};

const describeTrouble = (parsed: ParsedBody): string =>
  parsed.kind === 'unreadable' ? parsed.why : 'some entries of the body are no alerts';

/** Keeps the body as it came, before anything says that it was kept. */
const quarantine = async (
  parts: AlertsParts,
  request: HttpRequest,
  quarantine: Extract<JobBody, { kind: 'quarantined' }>['quarantine'],
): Promise<JobBody> => {
  await parts.documents.put(`quarantine/${quarantine.id}.body`, request.bytes);
  return { kind: 'quarantined', quarantine };
};

/**
 * The same body within the same hour has the same name, so that a sender that was told "not stored" too early, and sends again,
 * is kept and told once.
 */
const quarantineId = (request: HttpRequest, { source, integration }: Route, nowMs: number): string => {
  const hour = new Date(nowMs).toISOString().slice(0, 13).replace(/\D/g, '');
  const hash = createHash('sha256')
    .update(JSON.stringify([source, integration]))
    .update(request.bytes);
  return `${hour}-${hash.digest('hex').slice(0, 24)}`;
};

/**
 * No source that we read gives its deliveries an id, so each request is a job of its own: a body that was stored after its sender
 * had been told 503, and is sent again, counts once more. It is a repeat of its alerts, and repeats are not told.
 */
const store = async (parts: AlertsParts, request: HttpRequest, route: Route): Promise<HttpResult> => {
  const nowMs = parts.clock.nowMs();
  const acceptedAt = new Date(nowMs).toISOString();
  const parsed = parseBody({ ...route, bytes: request.bytes, acceptedAt });
  const counts = countParsed(parsed);
  if (parsed.kind === 'empty') return answer(200, counts);
  const id = parts.ids.ordered(nowMs);
  const bodies: readonly JobBody[] =
    parsed.kind === 'alerts' ? packJobs(parsed.alerts, { acceptedAt, truncated: parsed.truncated }) : [];
  const jobs = bodies.map((body, index): Job => ({ id: `${id}-${index}`, queue: 'jobs', body }));
  if (counts.quarantined > 0) {
    const contentType = boundLine(new Map(), 'content type', request.headers.get('content-type') ?? '', 100);
    const told = { contentType, bytes: request.bytes.length, why: describeTrouble(parsed) };
    const aside = { id: quarantineId(request, route, nowMs), ...route, acceptedAt, ...told };
    jobs.push({ id: `quarantine:${aside.id}`, queue: 'jobs', body: await quarantine(parts, request, aside) });
  }
  await parts.jobs.put(jobs);
  parts.log('alerts.accepted', { ...route, ...counts });
  return answer(202, counts);
};

/** 503 is the one answer after which every sender with a retry tries again. */
const notStored = (parts: AlertsParts, why: string): HttpResult => {
  parts.log('alerts.not-stored', { why });
  return answer(503, { error: 'not stored, send again' }, { 'retry-after': '5' });
};

/**
 * `POST /alerts/{source}[/{integration}]`. 2xx only after the alerts are durable; never a redirect, a 429 or a 500:
 * senders take those for success, or never come back. No token appears in a log or an answer.
 */
export const createAlertsHandler =
  (parts: AlertsParts) =>
  async (event: HttpEvent): Promise<HttpResult> => {
    try {
      const request = readEvent(event);
      const route = readRoute(request.path);
      const refusal = refuse(request, route, parts.tokens());
      if (refusal !== null || route === null) {
        const result = refusal ?? answer(404, { error: 'unknown source' });
        parts.log('alerts.refused', { status: result.statusCode });
        return result;
      }
      const late = parts.wait(STORE_LIMIT_MS).then(() => null);
      const result = await Promise.race([store(parts, request, route), late]);
      return result ?? notStored(parts, 'took too long');
    } catch (error) {
      // Only the name: a store's message may hold what was to be stored.
      return notStored(parts, error instanceof Error ? error.name : 'unknown failure');
    }
  };
