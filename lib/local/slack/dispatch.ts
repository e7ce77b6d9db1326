import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Session } from './session.ts';
import { signBody } from './sign.ts';

/** What the bot answered; `why` uses the words that Slack shows a person. */
export type Delivered =
  | { readonly ok: true; readonly status: 200; readonly body: string }
  | { readonly ok: false; readonly why: Failure; readonly status?: number };
type Failure = 'operation_timeout' | 'dispatch_failed' | 'http_client_error' | 'http_service_error';

const MAX_ANSWER_BYTES = 1024 * 1024;

const judge = (status: number, body: string): Delivered => {
  if (status >= 200 && status < 300) return { ok: true, status: 200, body };
  return { ok: false, why: status >= 500 ? 'http_service_error' : 'http_client_error', status };
};

/**
 * Sends a signed form to the bot and waits as long as Slack waits. A fresh connection each time: a kept one to a bot that was
 * restarted would fail without having reached it. Commands and clicks are never repeated, as in Slack.
 */
export const dispatch = async (session: Session, form: URLSearchParams): Promise<Delivered> => {
  const body = form.toString();
  const timestamp = Math.floor(session.clock.nowMs() / 1000);
  const url = new URL(session.eventsUrl());
  const request = (url.protocol === 'https:' ? requestSecure : requestPlain)(url, {
    method: 'POST',
    agent: false,
    signal: AbortSignal.timeout(session.acknowledgeMs),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      ...signBody(session.signingSecret, timestamp, body),
    },
  });
  return new Promise((resolve) => {
    const fail = (error: Error): void =>
      resolve({ ok: false, why: /Abort|Timeout/.test(error.name) ? 'operation_timeout' : 'dispatch_failed' });
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) response.destroy(new Error('answer too large'));
        else chunks.push(chunk);
      });
      response.on('end', () => resolve(judge(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))));
    });
    request.end(body);
  });
};
