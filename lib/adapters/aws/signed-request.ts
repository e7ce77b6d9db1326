import { systemClock, systemWait } from '../system.ts';
import { type AwsService, addressOf, objectAddressOf, type Variables } from './addresses.ts';
import { errorCodeOf } from './error-code.ts';
import { type Answer, createExchange } from './exchange.ts';
import { AwsError, type AwsFailure, nameFailure } from './failure.ts';
import { credentialsIn, signRequest, type Unsigned } from './sign.ts';

export type JsonService = 'sqs' | 'dynamodb' | 'secretsmanager';

export type ObjectRequest = {
  readonly method: 'GET' | 'PUT';
  readonly bucket: string;
  /** Of characters that need no escape. */
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes?: Uint8Array;
};

/** AWS without its SDK, which costs 60 ms of a cold start and 300 kB. Both throw `AwsError` and nothing else. */
export type SignedCall = {
  /** `operation` as AWS names it, `SendMessageBatch`. Returns the parsed answer, not checked yet; `{}` for an empty one. */
  readonly callJson: (service: JsonService, operation: string, body: unknown) => Promise<unknown>;
  /** One object of S3. Returns only answers of the 200s. */
  readonly callObject: (request: ObjectRequest) => Promise<Answer>;
};

export type SignedCallOptions = {
  /** Region, credentials and addresses, as every AWS SDK reads them from the environment. */
  readonly variables: Variables;
  /** For one call in all, its second try included. */
  readonly limitMs: number;
  readonly clock?: { readonly nowMs: () => number };
  readonly wait?: (ms: number) => Promise<void>;
  /** From 0 to 1. */
  readonly chance?: () => number;
};

const PROTOCOLS: Readonly<Record<JsonService, readonly [AwsService, string, string]>> = {
  sqs: ['sqs', 'AmazonSQS', 'application/x-amz-json-1.0'],
  dynamodb: ['dynamodb', 'DynamoDB_20120810', 'application/x-amz-json-1.0'],
  secretsmanager: ['secrets_manager', 'secretsmanager', 'application/x-amz-json-1.1'],
};

/** Ten jobs of the largest size, whose quotes SQS escapes again. */
const MOST_JSON_BYTES = 5 * 1024 * 1024;
/** Several times the largest document that we write. */
const MOST_OBJECT_BYTES = 64 * 1024 * 1024;

const MOST_WAIT_MS = 200;
/** With less time than this a second try would not end. */
const LEAST_TRY_MS = 50;
/** AWS accepts five minutes; what differs by more is a clock that is wrong. */
const MOST_SKEW_MS = 4 * 60_000;

type Call = { readonly name: string; readonly unsigned: Omit<Unsigned, 'url'>; readonly mostBytes: number };
type Address = (region: string) => URL;
type Failed = {
  readonly failure: AwsFailure;
  readonly code: string;
  readonly isStale: boolean;
  /** How far AWS's clock is ahead of ours, where that is why it refused; else null. */
  readonly skewMs: number | null;
};

const isSkewed = (code: string): boolean =>
  /^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|InvalidSignature|SignatureDoesNotMatch|AuthFailure)/.test(
    code,
  );

const readFailed = (answer: Answer, nowMs: number, usedSkewMs: number): Failed => {
  const code = errorCodeOf(answer);
  const skewMs = Date.parse(answer.headers.date ?? '') - nowMs;
  const isWrong = isSkewed(code) && Math.abs(skewMs - usedSkewMs) > MOST_SKEW_MS;
  return { failure: nameFailure(code, answer.status), code, isStale: false, skewMs: isWrong ? skewMs : null };
};

/** How long to wait before the second and last try; null: none. After a timeout there is no time, and what is refused stays so. */
const waitBeforeRetry = ({ failure, isStale, skewMs }: Failed, leftMs: number, chance: number): number | null => {
  const mayHelp = skewMs !== null || failure === 'throttled' || failure === 'unavailable';
  const waitMs = isStale || skewMs !== null ? 0 : chance * MOST_WAIT_MS;
  return mayHelp && leftMs - waitMs >= LEAST_TRY_MS ? waitMs : null;
};

/** It could not even be sent: an address or a header that is none. */
const refusedHere = (name: string, error: unknown): AwsError =>
  error instanceof AwsError
    ? error
    : new AwsError(name, 'refused', { code: error instanceof Error ? error.name : 'unknown' });

const readJson = (name: string, { bytes }: Answer): unknown => {
  if (bytes.byteLength === 0) return {};
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new AwsError(name, 'unreadable', { code: 'NotJson' });
  }
};

/** Connections are kept from call to call; nothing is opened before the first. */
export const createSignedCall = (options: SignedCallOptions): SignedCall => {
  const { variables, limitMs, clock = systemClock, wait = systemWait, chance = Math.random } = options;
  const exchange = createExchange();
  let skewMs = 0;

  const tryOnce = async (call: Call, address: Address, region: string, leftMs: number): Promise<Answer | Failed> => {
    const credentials = credentialsIn(variables);
    if (credentials === null) throw new AwsError(call.name, 'denied', { code: 'NoCredentials' });
    const unsigned = { ...call.unsigned, url: address(region) };
    const nowMs = clock.nowMs();
    const usedSkewMs = skewMs;
    const headers = await signRequest(unsigned, { region, credentials, nowMs: nowMs + usedSkewMs });
    const outcome = await exchange({ ...unsigned, headers }, { timeoutMs: leftMs, mostBytes: call.mostBytes });
    if ('code' in outcome)
      return {
        failure: nameFailure(outcome.code, outcome.status),
        code: outcome.code,
        isStale: outcome.isStale,
        skewMs: null,
      };
    return outcome.status >= 200 && outcome.status < 300 ? outcome : readFailed(outcome, nowMs, usedSkewMs);
  };

  const send = async (call: Call, address: Address): Promise<Answer> => {
    const region = variables['AWS_REGION'] || variables['AWS_DEFAULT_REGION'];
    if (!region) throw new AwsError(call.name, 'refused', { code: 'NoRegion' });
    const endMs = performance.now() + limitMs;
    for (let attempts = 1; ; attempts += 1) {
      const outcome = await tryOnce(call, address, region, endMs - performance.now()).catch((error: unknown) => {
        throw refusedHere(call.name, error);
      });
      if ('status' in outcome) return outcome;
      const waitMs = attempts > 1 ? null : waitBeforeRetry(outcome, endMs - performance.now(), chance());
      if (waitMs === null) throw new AwsError(call.name, outcome.failure, { code: outcome.code, attempts });
      skewMs = outcome.skewMs ?? skewMs;
      await wait(waitMs);
    }
  };

  return {
    callJson: async (service, operation, body) => {
      const [addressed, target, type] = PROTOCOLS[service];
      const name = `${service}.${operation}`;
      const headers = { 'content-type': type, 'x-amz-target': `${target}.${operation}` };
      const bytes = Buffer.from(JSON.stringify(body));
      const unsigned = { service, method: 'POST', headers, bytes } as const;
      const answer = await send({ name, unsigned, mostBytes: MOST_JSON_BYTES }, (region) =>
        addressOf(variables, addressed, region),
      );
      return readJson(name, answer);
    },
    callObject: ({ method, bucket, key, headers = {}, bytes = new Uint8Array() }) => {
      const name = method === 'GET' ? 's3.GetObject' : 's3.PutObject';
      const unsigned = { service: 's3', method, headers, bytes };
      return send({ name, unsigned, mostBytes: MOST_OBJECT_BYTES }, (region) =>
        objectAddressOf(variables, region, bucket, key),
      );
    },
  };
};
