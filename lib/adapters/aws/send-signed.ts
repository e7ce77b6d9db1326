import type { Clock, Wait } from '../../ports/world.ts';
import { type Answer, createExchange, type NoAnswer } from '../exchange.ts';
import type { Variables } from './addresses.ts';
import { errorCodeOf } from './error-code.ts';
import { AwsError, type AwsFailure, nameFailure } from './failure.ts';
import { credentialsIn, signRequest, type Unsigned } from './sign.ts';

export type Call = {
  /** For errors: `sqs.SendMessageBatch`. */
  readonly name: string;
  readonly addressIn: (region: string) => URL;
  readonly unsigned: Omit<Unsigned, 'url'>;
  readonly mostBytes: number;
};

export type SendOptions = {
  /** Region, credentials and addresses, as every AWS SDK reads them from the environment. */
  readonly variables: Variables;
  /** For one call in all, further tries included. */
  readonly limitMs: number;
  /** How often a call is tried in all, where a further try may help. */
  readonly tries: number;
  readonly clock: Clock;
  readonly wait: Wait;
  /** From 0 to 1. */
  readonly chance: () => number;
};

type Failed = {
  readonly failure: AwsFailure;
  readonly code: string;
  readonly isStale: boolean;
  /** How far AWS's clock is ahead of ours, where that is why it refused; else null. */
  readonly skewMs: number | null;
};

/** A second try waits up to this, by chance, so that many callers do not come back together; each further one twice as long. */
const MOST_WAIT_MS = 200;
/** With less time than this a further try would not end. */
const LEAST_TRY_MS = 50;
/** AWS accepts five minutes; what differs by more is a clock that is wrong. */
const MOST_SKEW_MS = 4 * 60_000;

const SKEWED = /^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|InvalidSignature|SignatureDoesNotMatch)/;

const readNoAnswer = ({ code, status, isStale }: NoAnswer): Failed => ({
  failure: nameFailure(code, status),
  code,
  isStale,
  skewMs: null,
});

const readRefusal = (answer: Answer, nowMs: number, usedSkewMs: number): Failed => {
  const code = errorCodeOf(answer);
  const skewMs = Date.parse(answer.headers.date ?? '') - nowMs;
  const isWrong = SKEWED.test(code) && Math.abs(skewMs - usedSkewMs) > MOST_SKEW_MS;
  return { failure: nameFailure(code, answer.status), code, isStale: false, skewMs: isWrong ? skewMs : null };
};

/** How long to wait before the next try; null: none. After a timeout there is no time, and what is refused stays so. */
const waitBeforeRetry = ({ failure, isStale, skewMs }: Failed, leftMs: number, jitterMs: number): number | null => {
  const mayHelp = skewMs !== null || failure === 'throttled' || failure === 'unavailable';
  const waitMs = isStale || skewMs !== null ? 0 : jitterMs;
  return mayHelp && leftMs - waitMs >= LEAST_TRY_MS ? waitMs : null;
};

/** It could not even be sent: an address or a header that is none. */
const refusedHere = (name: string, error: unknown): AwsError =>
  error instanceof AwsError
    ? error
    : new AwsError(name, 'refused', { code: error instanceof Error ? error.name : 'unknown' });

const whoCalls = (name: string, variables: Variables) => {
  const region = variables['AWS_REGION'] || variables['AWS_DEFAULT_REGION'];
  if (!region) throw new AwsError(name, 'refused', { code: 'NoRegion' });
  const credentials = credentialsIn(variables);
  if (credentials === null) throw new AwsError(name, 'denied', { code: 'NoCredentials' });
  return { region, credentials };
};

/** Returns only answers of the 200s; everything else is an `AwsError`, after further tries where they may help and there is time. */
export const createSend = ({ variables, limitMs, tries, clock, wait, chance }: SendOptions) => {
  const exchange = createExchange();
  /** Learnt from AWS, for all further calls. */
  let skewMs = 0;

  const tryOnce = async ({ name, addressIn, unsigned, mostBytes }: Call, timeoutMs: number) => {
    const { region, credentials } = whoCalls(name, variables);
    const request = { ...unsigned, url: addressIn(region) };
    const [nowMs, usedSkewMs] = [clock.nowMs(), skewMs];
    const headers = await signRequest(request, { region, credentials, nowMs: nowMs + usedSkewMs });
    const outcome = await exchange({ ...request, headers }, { timeoutMs, mostBytes });
    if ('code' in outcome) return readNoAnswer(outcome);
    const isDone = outcome.status >= 200 && outcome.status < 300;
    return isDone ? outcome : readRefusal(outcome, nowMs, usedSkewMs);
  };

  return async (call: Call): Promise<Answer> => {
    const endMs = performance.now() + limitMs;
    for (let attempts = 1; ; attempts += 1) {
      const outcome = await tryOnce(call, endMs - performance.now()).catch((error: unknown) => {
        throw refusedHere(call.name, error);
      });
      if ('status' in outcome) return outcome;
      const jitterMs = chance() * MOST_WAIT_MS * 2 ** (attempts - 1);
      const waitMs = attempts < tries ? waitBeforeRetry(outcome, endMs - performance.now(), jitterMs) : null;
      if (waitMs === null) throw new AwsError(call.name, outcome.failure, { code: outcome.code, attempts });
      skewMs = outcome.skewMs ?? skewMs;
      await wait(waitMs);
    }
  };
};
