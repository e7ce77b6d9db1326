import type { Branch } from './branch.ts';
import type { CallEvidence } from './diagnosis.ts';

/** What a model said when it was last asked. */
export type LastAsked = {
  readonly askedMs: number;
  /** When the question was asked that was answered so; another time than `askedMs` while the last one has no answer. */
  readonly saidMs?: number;
  readonly outcome: 'ok' | 'failed' | 'unknown';
  /** A branch of the closed list, where it failed. */
  readonly branch: Branch | null;
  /** By what the refusal is known at Mistral, and the limits that it told of, where it was refused for one. */
  readonly evidence?: Pick<CallEvidence, 'status' | 'correlationId' | 'requestId' | 'rateLimits'>;
};

/**
 * What the probes of the services with one key spent and heard. Bounded: at most one entry for five minutes of the last hour, and one for
 * each model.
 */
export type ProbeBudget = {
  readonly spent: readonly { readonly atMs: number; readonly tokens: number }[];
  readonly models: Readonly<Record<string, LastAsked>>;
};

export const EMPTY_BUDGET: ProbeBudget = { spent: [], models: {} };
