import type { Branch, Owner } from './branch.ts';
import type { MitigationKind } from './lease.ts';
import type { Severity } from './severity.ts';

/** One question put to the world. Unknown is an answer: the question could not be asked or the answer not read. */
export type ProbeOutcome = 'ok' | 'failed' | 'unknown';

/**
 * What a failed call looked like, by structure: an allow-listed copy, never the error object.
 * `classify` turns it into a branch.
 */
export type CallFailure = {
  /** HTTP status, when an answer came. */
  readonly status?: number;
  readonly body?: 'json' | 'html' | 'text' | 'empty';
  /** Mistral's `code` and `type` as text, when the body was JSON and had them. */
  readonly code?: string;
  readonly type?: string;
  /** At most 300 characters of the body's own wording, scrubbed; used to classify, never stored. */
  readonly wording?: string;
  /** `server` header, lower case. */
  readonly server?: string;
  /** All `.name`s and string `.code`s along the cause chain, outermost first; `errors[0]` of an AggregateError. */
  readonly names: readonly string[];
  readonly codes: readonly string[];
  /** Which thing that cannot be told from names alone was thrown. */
  readonly thrown?: 'invalid-header' | 'invalid-url' | 'terminated' | 'issues';
};

/** Numbers and ids of one answer that may be shown and kept. */
export type CallEvidence = {
  readonly status?: number;
  readonly model?: string;
  readonly correlationId?: string;
  readonly requestId?: string;
  /** Both header families, lower-case names, only names that start with `x-ratelimit` or `ratelimit`. */
  readonly rateLimits?: Readonly<Record<string, string>>;
  readonly retryAfterSeconds?: number;
  /** The server's `Date` header as ISO 8601. */
  readonly serverDate?: string;
};

/**
 * What an answer said besides well or ill: numbers, dates and names that the tree reads, by names of our own (`clockSkewMs`, `deployedAt`,
 * `failingShare`). Never a text of somebody else's making beyond a name, never a key.
 */
export type ProbeFacts = Readonly<Record<string, string | number | boolean>>;

/** What a probe brings home, before it is judged. */
export type ProbeAnswer = {
  readonly name: string;
  /** One question in words, as the path shows it: "Does the Mistral API answer our key?" */
  readonly question: string;
  readonly latencyMs: number;
  readonly evidence?: CallEvidence;
  readonly facts?: ProbeFacts;
} & (
  | { readonly outcome: 'ok'; readonly note?: string }
  | { readonly outcome: 'failed'; readonly failure: CallFailure }
  | { readonly outcome: 'failed'; readonly branch: Branch; readonly why: string }
  | { readonly outcome: 'unknown'; readonly why: string }
);

/** A judged answer: small, allow-listed, fit to be stored and shown. */
export type Finding = {
  readonly name: string;
  readonly question: string;
  readonly outcome: ProbeOutcome;
  readonly branch?: Branch;
  readonly latencyMs: number;
  readonly why?: string;
  readonly evidence?: CallEvidence;
  readonly facts?: ProbeFacts;
};

/** How much of what users asked for fails, as far as somebody measured it. */
export type Impact = {
  /** From 0 to 1; null: not measured. */
  readonly failingShare: number | null;
  readonly requestsPerMinute: number | null;
  readonly models: readonly string[];
};

/** Where the time of a call goes, in milliseconds; null: not known. */
export type LatencySplit = {
  readonly connectMs: number | null;
  readonly edgeMs: number | null;
  readonly upstreamMs: number | null;
  readonly oursMs: number | null;
};

export type Verdict = 'healthy' | 'problem' | 'unknown';

export type Advice = {
  readonly kind: MitigationKind;
  readonly why: string;
  /** To switch to: as the API spells it. */
  readonly model?: string;
  /** Not offered only because this is missing: it would help. */
  readonly lacks?: 'standby';
};

export type Diagnosis = {
  readonly verdict: Verdict;
  readonly branch: Branch;
  readonly owner: Owner;
  readonly severity: Severity | null;
  readonly confidence: 'high' | 'medium' | 'low';
  /** One sentence. */
  readonly cause: string;
  /** The questions asked and the answers, in the order of the tree. */
  readonly path: readonly { readonly question: string; readonly answer: string }[];
  readonly probes: readonly Finding[];
  readonly mitigations: readonly Advice[];
  readonly notOffered: readonly Advice[];
  /** What the responder does next, one imperative sentence each. */
  readonly nextSteps: readonly string[];
  readonly at: string;
  /** Questions that matter and have no answer, by the names people know. */
  readonly blind?: readonly string[];
  readonly impact?: Impact;
  /** Each model in use with what it answered. */
  readonly matrix?: readonly { readonly model: string; readonly outcome: ProbeOutcome; readonly branch?: Branch }[];
  readonly latency?: LatencySplit;
  /** Where two causes look alike: the question that would tell them apart, and how to ask it. */
  readonly nextQuestion?: string;
  /** Our own deploy that it began with, where that is what it looks like. */
  readonly sinceDeploy?: {
    readonly at: string;
    readonly version?: string;
    /** The last one that went out since and has not ended it. `isBack`: it is what ran before. */
    readonly later?: { readonly at: string; readonly version?: string; readonly isBack: boolean };
  };
};
