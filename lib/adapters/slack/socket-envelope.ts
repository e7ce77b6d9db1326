import * as z from 'zod/mini';
import type { Log } from '../../ports/world.ts';
import type { SlackDelivery, SlackReply } from './receiver.ts';

/** What the client hands over for each envelope. `ack` rejects when the connection has gone. */
export type Envelope = {
  readonly type: string;
  readonly body: unknown;
  readonly ack: (response?: Record<string, unknown>) => Promise<void>;
  readonly retry_num?: number | undefined;
  readonly retry_reason?: string | undefined;
  readonly accepts_response_payload?: boolean | undefined;
};

const OBJECT = z.record(z.string(), z.unknown());

type Door = { readonly receive: (delivery: SlackDelivery) => Promise<SlackReply>; readonly log: Log };

/** Acknowledges when the work is durable; what is not acknowledged Slack itself shows as failed. Never fails. */
export const answerEnvelope = async (envelope: Envelope, { receive, log }: Door): Promise<void> => {
  const reply = await receiveBody(envelope, receive);
  if (reply.kind !== 'acked') return log('slack.socket-unanswered', { kind: reply.kind });
  const shown = envelope.accepts_response_payload === true && reply.json !== null ? readObject(reply.json) : undefined;
  try {
    await envelope.ack(shown);
  } catch {
    // The job is safe; only this person's Slack may say that the app did not answer.
    log('slack.socket-ack-lost');
  }
};

const receiveBody = async (envelope: Envelope, receive: Door['receive']): Promise<SlackReply> => {
  const body = z.safeParse(OBJECT, envelope.body);
  if (!body.success) return { kind: 'malformed' };
  const { retry_num: retryNum = null, retry_reason: retryReason = null } = envelope;
  try {
    return await receive({ body: body.data, retryNum, retryReason });
  } catch {
    return { kind: 'failed' };
  }
};

const readObject = (json: string): Record<string, unknown> | undefined => z.safeParse(OBJECT, JSON.parse(json)).data;
