/** Slack answers 200 to almost everything; `error` is the word of its documentation. */
export type Refusal = {
  readonly ok: false;
  readonly error: string;
  readonly response_metadata?: { readonly messages: readonly string[] };
  /** Seconds; turns the answer into a 429. Not part of the body. */
  readonly retryAfterSeconds?: number;
};
export type Answer = Refusal | ({ readonly ok: true } & Readonly<Record<string, unknown>>);

export const refuse = (error: string, messages?: readonly string[]): Refusal =>
  messages === undefined ? { ok: false, error } : { ok: false, error, response_metadata: { messages } };

export const refuseFor = (seconds: number): Refusal => ({
  ok: false,
  error: 'ratelimited',
  retryAfterSeconds: seconds,
});

export const missing = (field: string): Refusal =>
  refuse('invalid_arguments', [`[ERROR] missing required field: ${field}`]);
