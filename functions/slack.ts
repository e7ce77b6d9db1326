import { createSlackReceive, type SlackParts } from '../lib/app/slack.ts';
import { type HttpEvent, type HttpRequest, type HttpResult, readEvent } from '../lib/intake/http-event.ts';
import { isSslCheck, MAX_SLACK_BODY_BYTES, readSlackBody } from '../lib/intake/slack-body.ts';
import { verifySlackSignature } from '../lib/intake/verify.ts';

/** `POST /slack/events`: is it really Slack, hand over, answer. Nothing is parsed before the signature over the raw bytes holds. */
export const createSlackHandler = (parts: SlackParts): ((event: HttpEvent) => Promise<HttpResult>) => {
  const receive = createSlackReceive(parts);
  return async (event) => {
    const request = readEvent(event);
    const refused = await refuse(request, parts);
    if (refused !== null) return refused;
    const body = readSlackBody(request.headers, request.bytes);
    if (body === null) return answer(400);
    if (body['ssl_check'] !== undefined) return answer(200);
    if (body['type'] === 'url_verification') return answerChallenge(body['challenge']);
    const retry = readRetry(request);
    if (retry.retryNum !== null) parts.log('slack.sent-again', { retryNum: retry.retryNum });
    try {
      const reply = await receive({ body, ...retry });
      return reply.kind === 'acked' ? answer(200, reply.json) : answer(STATUS[reply.kind]);
    } catch {
      parts.log('slack.failed');
      return answer(500);
    }
  };
};

const STATUS = { malformed: 400, unhandled: 404, failed: 500 } as const;

type Secrets = readonly string[] | null;

const verify = ({ headers, bytes }: HttpRequest, signingSecrets: Secrets, { clock }: SlackParts) =>
  verifySlackSignature({ headers, bytes, signingSecrets: signingSecrets ?? [], nowMs: clock.nowMs() });

/** A secret may have been changed a moment ago. */
const verifyAgain = async (request: HttpRequest, parts: SlackParts) => {
  const newer = (await parts.newerSigningSecrets?.()) ?? null;
  return newer === null ? null : verify(request, newer, parts);
};

const refuse = async (request: HttpRequest, parts: SlackParts): Promise<HttpResult | null> => {
  if (request.bytes.length > MAX_SLACK_BODY_BYTES) return answer(413);
  const secrets = await parts.signingSecrets();
  const first = verify(request, secrets, parts);
  const verdict = first.ok || secrets === null ? first : ((await verifyAgain(request, parts)) ?? first);
  if (request.method === 'POST' && verdict.ok) return null;
  if (isSslCheck(request)) return answer(200);
  if (request.method !== 'POST') return answer(405);
  parts.log('slack.refused', { why: verdict.ok ? null : verdict.why });
  // Nobody is let in, and Slack itself tells the person that nothing was done.
  return answer(secrets === null ? 503 : 401);
};

const answerChallenge = (challenge: unknown): HttpResult =>
  typeof challenge === 'string' ? answer(200, JSON.stringify({ challenge })) : answer(400);

const readRetry = ({ headers }: HttpRequest) => {
  const count = headers.get('x-slack-retry-num');
  return {
    retryNum: count !== undefined && /^\d{1,3}$/.test(count) ? Number(count) : null,
    retryReason: headers.get('x-slack-retry-reason') ?? null,
  };
};

/** Slack repeats events that got no 2xx. Ours would end the same way each time, but for a crash, which answers nothing. */
const answer = (statusCode: number, json: string | null = null): HttpResult => ({
  statusCode,
  headers: {
    ...(json === null ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...(statusCode === 200 ? {} : { 'x-slack-no-retry': '1' }),
  },
  body: json ?? '',
});
