import type { Clock, Log, Wait } from '../../ports/world.ts';
import { numberMistakes } from './log.ts';
import { type AppSecretValues, readAppSecret } from './read-app-secret.ts';

export type AppSecret = {
  /** Ends with the first reading, well or not, and never fails: an initialisation that failed would be answered with 500. */
  readonly primed: Promise<void>;
  /** As it was read within the last five minutes; as it was before, where it cannot be read now; all null where it never could. */
  readonly now: () => Promise<AppSecretValues>;
  /** For a caller who is not believed: read again, so that a rotated value works at once. null: nothing newer. */
  readonly newer: () => Promise<AppSecretValues | null>;
};

export type AppSecretParts = {
  /** The secret's text. Its errors must be safe to log. */
  readonly readText: () => Promise<string>;
  readonly slackApiUrl: string;
  readonly clock: Clock;
  readonly wait: Wait;
  readonly log: Log;
};

const FRESH_MS = 5 * 60_000;
/** For values that we have: whoever guesses tokens shall not make us ask AWS at each guess. */
const AGAIN_MS = 10_000;
/** Without values nobody is let in, so this is soon. */
const RETRY_MS = 1_000;
/** A caller who could be answered with the values of before waits no longer; what comes later is kept. */
const REFRESH_LIMIT_MS = 400;

const NONE: AppSecretValues = { alertsTokens: null, slack: null, mistakes: ['the app secret was not read yet'] };

const NOT_JSON = 'APP_SECRET_ID: the secret is not a JSON object of texts';

const describe = (error: unknown): string =>
  `APP_SECRET_ID: the secret cannot be read, ${error instanceof Error && error.name === 'AwsError' ? error.message : 'unknown failure'}`;

type Kept = { readonly values: AppSecretValues; readonly atMs: number };

/** The app's one secret, being read when this returns, refreshed, and read again when somebody is not believed. */
export const createAppSecret = ({ readText, slackApiUrl, clock, wait, log }: AppSecretParts): AppSecret => {
  let kept: Kept | null = null;
  let without: AppSecretValues = NONE;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const read = async (): Promise<void> => {
    const found = await readText().then(
      (text) => readAppSecret(text, slackApiUrl) ?? NOT_JSON,
      (error: unknown) => describe(error),
    );
    const mistakes = typeof found === 'string' ? [found] : found.mistakes;
    if (mistakes.length > 0) log('secret.mistakes', { kept: kept !== null, ...numberMistakes(mistakes) });
    if (typeof found === 'string') without = { ...NONE, mistakes };
    // What was taken out of the secret is not valid any more.
    else kept = { values: found, atMs: clock.nowMs() };
  };

  const start = (): Promise<void> => {
    if (reading === null) {
      triedAtMs = clock.nowMs();
      reading = read().finally(() => {
        reading = null;
      });
    }
    return reading;
  };

  const isOld = ({ values, atMs }: Kept): boolean => values.mistakes.length > 0 || clock.nowMs() - atMs >= FRESH_MS;
  const mayRead = (afterMs: number): boolean => reading !== null || clock.nowMs() - triedAtMs >= afterMs;
  const startAndWait = (): Promise<void> => Promise.race([start(), wait(REFRESH_LIMIT_MS)]);

  return {
    primed: start(),
    now: async () => {
      if (kept === null && mayRead(RETRY_MS)) await start();
      else if (kept !== null && isOld(kept) && mayRead(AGAIN_MS)) await startAndWait();
      return kept?.values ?? without;
    },
    newer: async () => {
      const before = kept;
      if (!mayRead(AGAIN_MS)) return null;
      await startAndWait();
      return kept === before ? null : (kept?.values ?? null);
    },
  };
};
