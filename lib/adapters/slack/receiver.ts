import type { App, Receiver } from '@slack/bolt';

/** A body whose signature was verified, and what Slack says about its earlier attempts. */
export type SlackDelivery = {
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryNum: number | null;
  readonly retryReason: string | null;
};

/**
 * `acked`: with what the person's Slack shows at once, as JSON. `malformed`: nothing that Slack sends. `unhandled`: nobody listens
 * to this. `failed`: a listener broke before it acknowledged.
 */
export type SlackReply =
  | { readonly kind: 'acked'; readonly json: string | null }
  | { readonly kind: 'malformed' | 'unhandled' | 'failed' };

/** What a receiver of ours adds to Bolt's: bodies are handed in, no server listens. */
export type HandedReceiver = {
  readonly receiver: Receiver;
  /** Waits for the listeners, which therefore do nothing but put a job away. */
  readonly deliver: (delivery: SlackDelivery) => Promise<SlackReply>;
};

export const createReceiver = (): HandedReceiver => {
  let app: App | null = null;
  const receiver: Receiver = {
    init: (initialised) => {
      app = initialised;
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const deliver = async (delivery: SlackDelivery): Promise<SlackReply> => {
    const acks: (string | null)[] = [];
    const { retryNum, retryReason } = delivery;
    const event = {
      body: { ...delivery.body },
      ack: (response?: unknown) => {
        acks.push(response === undefined || response === '' ? null : JSON.stringify(response));
        return Promise.resolve();
      },
      ...(retryNum === null ? {} : { retryNum }),
      ...(retryReason === null ? {} : { retryReason }),
    };
    const broke = await app?.processEvent(event).then(
      () => false,
      () => true,
    );
    const [json] = acks;
    if (json !== undefined) return { kind: 'acked', json };
    return { kind: broke === false ? 'unhandled' : 'failed' };
  };
  return { receiver, deliver };
};
