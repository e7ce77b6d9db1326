/** Why AWS did not do what was asked, once and for all in these words. */
export const AWS_FAILURES = [
  'throttled',
  'unavailable',
  'timeout',
  'denied',
  'not-found',
  'condition',
  'refused',
  'unreadable',
] as const;

/**
 * `timeout`, `unavailable`: it may have been done or not. `condition`: what the caller believed is no longer so. `denied`: role or key.
 * `refused`: AWS will say the same again. `unreadable`: an answer that is none of AWS's.
 */
export type AwsFailure = (typeof AWS_FAILURES)[number];

const RETRYABLE: ReadonlySet<AwsFailure> = new Set<AwsFailure>(['throttled', 'unavailable', 'timeout']);

/** What every AWS adapter throws: names of the service, the operation and the error, never a message of AWS, which may quote what was sent. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly failure: AwsFailure;
  readonly retryable: boolean;
  /** The error's own name, as AWS or Node spells it. */
  readonly code: string;
  /** How often it was tried in all; more than once, an earlier attempt may have been done. */
  readonly attempts: number;
  constructor(call: string, failure: AwsFailure, detail: { readonly code: string; readonly attempts?: number }) {
    super(`${call}: ${failure} (${detail.code})`);
    this.failure = failure;
    this.code = detail.code;
    this.retryable = RETRYABLE.has(failure);
    this.attempts = detail.attempts ?? 1;
  }
}

/** By the error's code, as AWS spells them; the rest goes by the status. */
const BY_CODE: readonly (readonly [RegExp, AwsFailure])[] = [
  [/^(ConditionalCheckFailed|PreconditionFailed|ResourceConflict)/, 'condition'],
  [/Thrott|TooManyRequests|ProvisionedThroughputExceeded|RequestLimitExceeded|SlowDown|TooManyUpdates/, 'throttled'],
  [/^(TimeoutError|RequestTimeout)|ETIMEDOUT|AbortError/, 'timeout'],
  [
    /AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|InvalidClientTokenId|NotAuthorized|^CredentialsProviderError/,
    'denied',
  ],
  [/NotFound|NoSuch|NonExistentQueue|QueueDoesNotExist/, 'not-found'],
  [
    /^(ECONN|EPIPE|ENOTFOUND|EAI_|EHOST|ENET|ERR_HTTP)|InternalFailure|InternalServer|InternalError|ServiceUnavailable/,
    'unavailable',
  ],
  // Node's parser of HTTP: whoever answered does not speak it.
  [/^HPE_/, 'unreadable'],
];

const byStatus = (status: number | undefined): AwsFailure => {
  if (status === undefined) return 'unavailable';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'unavailable';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'not-found';
  return status >= 400 ? 'refused' : 'unreadable';
};

/** `code`: the error's own name, without namespace. `status`: of the answer; absent when none came. */
export const nameFailure = (code: string, status: number | undefined): AwsFailure =>
  BY_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? byStatus(status);

const memberOf = (thing: unknown, name: string): unknown =>
  typeof thing === 'object' && thing !== null ? Reflect.get(thing, name) : undefined;

/** An error of an SDK client, or of the network below it. `call`: `dynamodb.PutItem`. */
export const classifyAwsFailure = (call: string, error: unknown): AwsError => {
  if (error instanceof AwsError) return error;
  const name = memberOf(error, 'name');
  const code = memberOf(error, 'code');
  const named = typeof code === 'string' && (name === 'Error' || name === undefined) ? code : name;
  const metadata = memberOf(error, '$metadata');
  const status = memberOf(metadata, 'httpStatusCode');
  const attempts = memberOf(metadata, 'attempts');
  const word = typeof named === 'string' ? named.slice(0, 80) : 'unknown';
  return new AwsError(call, nameFailure(word, typeof status === 'number' ? status : undefined), {
    code: word,
    attempts: typeof attempts === 'number' ? attempts : 1,
  });
};
