import { createHmac } from 'node:crypto';

/** The headers with which Slack proves that a body is its own: HMAC-SHA256 over `v0:timestamp:body`. */
export const signBody = (secret: string, timestampSeconds: number, body: string): Readonly<Record<string, string>> => ({
  'x-slack-request-timestamp': String(timestampSeconds),
  'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${timestampSeconds}:${body}`).digest('hex')}`,
});
