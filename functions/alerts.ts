import type { HttpEvent, HttpRequest, HttpResult } from '../lib/intake/http-event.ts';
import { findSource } from '../lib/intake/sources.ts';
import type { Wait } from '../lib/ports/world.ts';
import { type AcceptParts, acceptAlerts, type Counts } from './accept-alerts.ts';
import { answerInTime } from './answer-in-time.ts';
import { answerJson as answer, type DoorTokens, isLetIn } from './let-in.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

type AlertsParts = AcceptParts & DoorTokens & { readonly wait: Wait };

type Route = { readonly source: string; readonly integration: string };

/** `/alerts/{source}` or `/alerts/{source}/{integration}`; null for a source or a name we do not know. */
const readRoute = (path: string): Route | null => {
  const [, source, integration = ''] = /^\/alerts\/([a-z-]{1,32})(?:\/([\w.-]{0,64}))?$/.exec(path) ?? [];
  if (source === undefined || findSource(source) === null) return null;
  return { source, integration: integration === '' ? 'default' : integration };
};

/** Everything that is decided before the body of somebody who was let in is looked at. */
const refuse = (request: HttpRequest): HttpResult | null => {
  if (request.method !== 'POST' && request.method !== 'PUT') {
    return answer(405, { error: 'method not allowed' }, { allow: 'POST, PUT' });
  }
  return request.bytes.length > MAX_BODY_BYTES ? answer(413, { error: 'body over 4 MiB' }) : null;
};

/** 503 is the one answer after which every sender with a retry tries again. */
const notStored = (parts: AlertsParts, why: string): HttpResult => {
  parts.log('alerts.not-stored', { why });
  return answer(503, { error: 'not stored, send again' }, { 'retry-after': '5' });
};

const refused = (parts: AlertsParts, result: HttpResult): HttpResult => {
  parts.log('alerts.refused', { status: result.statusCode });
  return result;
};

const tellCounts = (counts: Counts): HttpResult =>
  answer(counts.accepted + counts.quarantined + counts.ignored === 0 ? 200 : 202, counts);

/** Who is not let in learns nothing about sources. */
const receive = async (parts: AlertsParts, request: HttpRequest): Promise<HttpResult> => {
  const letIn = await isLetIn(parts, request);
  if (letIn === null) return notStored(parts, 'no token is known');
  if (!letIn) return refused(parts, answer(401, { error: 'unauthorized' }));
  const route = readRoute(request.path);
  if (route === null) return refused(parts, answer(404, { error: 'unknown source' }));
  const refusal = refuse(request);
  if (refusal !== null) return refused(parts, refusal);
  const contentType = request.headers.get('content-type') ?? '';
  return tellCounts(await acceptAlerts(parts, { ...route, bytes: request.bytes, contentType, deliveryId: null }));
};

/**
 * `POST /alerts/{source}[/{integration}]`. 2xx only after the alerts are durable; never a redirect, a 429 or a 500:
 * senders take those for success, or never come back. No token appears in a log or an answer.
 */
export const createAlertsHandler =
  (parts: AlertsParts) =>
  (event: HttpEvent): Promise<HttpResult> =>
    answerInTime(
      {
        wait: parts.wait,
        receive: (request) => receive(parts, request),
        notStored: (why) => notStored(parts, why),
      },
      event,
    );
