import type { CallEvidence, CallFailure, ProbeFacts } from '../domain/diagnosis.ts';

export type ServiceTarget = {
  readonly name: string;
  readonly environment: string;
  readonly models: readonly string[];
  readonly secretId: string;
  readonly healthUrl: string | null;
  /** The name in the health address may lead to a private address. */
  readonly allowPrivate?: boolean;
  /** The service reads answers as streams. */
  readonly streams?: boolean;
};

/** What tells whether a key is good. Each answers within its limit or says why not; none throws, none keeps the key. */
export type KeyCalls = {
  readonly listModels: (key: string, timeoutMs: number) => Promise<CallResult>;
  /** One token, not streamed. */
  readonly chatOnce: (key: string, model: string, timeoutMs: number) => Promise<CallResult>;
};

/** Every question to the Mistral API, as the applications' own client sees the answers. */
export type MistralCalls = KeyCalls & {
  /** Costs nothing. Facts: deprecatedAt (ISO), replacedBy, maxContextTokens, aliasOf, each where the card tells it. */
  readonly retrieveModel: (key: string, model: string, timeoutMs: number) => Promise<CallResult>;
  /** One token, streamed, until the event that says why it ended. */
  readonly streamOnce: (key: string, model: string, timeoutMs: number) => Promise<CallResult>;
  /** No key is sent: 401 is what an open path answers. */
  readonly listWithoutKey: (timeoutMs: number) => Promise<CallResult>;
};

export type CallResult = { readonly latencyMs: number; readonly facts?: ProbeFacts } & (
  | { readonly ok: true; readonly evidence: CallEvidence; readonly note?: string }
  | {
      readonly ok: false;
      readonly failure: CallFailure;
      readonly evidence: CallEvidence;
    }
);

/** A GET to a configured address: no redirects, a size limit, private addresses only where configured, metadata addresses never. */
export type HealthCalls = {
  readonly get: (
    url: string,
    timeoutMs: number,
    options?: { readonly allowPrivate?: boolean },
  ) => Promise<
    | { readonly status: number; readonly latencyMs: number }
    /** `isBlind`: the question could not be put at all (address refused, name unknown here), which says nothing about the service. */
    | { readonly why: string; readonly latencyMs: number; readonly isBlind?: boolean }
  >;
};
