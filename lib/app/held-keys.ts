import type { SecretReader, Secrets } from '../ports/secrets.ts';
import type { Clock, Log } from '../ports/world.ts';

/** Read where the labels of a secret cannot be listed. */
const KNOWN_LABELS = ['AWSCURRENT', 'AWSPREVIOUS', 'STANDBY'] as const;

/** What could not be read is asked for again after this long. */
const AGAIN_MS = 10_000;

export type HeldKeys = {
  readonly keys: readonly string[];
  /** Secrets of which not every key could be read: `keys` may lack some of theirs, or one that was stored since. */
  readonly unread: readonly string[];
};

type HeldKeysOptions = {
  readonly secrets: SecretReader;
  readonly secretIds: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** How long a reading serves. */
  readonly keepMs: number;
};

type Reading = { readonly keys: readonly string[]; readonly failure: string | null };

/**
 * Every key that is stored under a label, a previous one that is held for undo included: what redaction looks for, and what the embedded
 * Mistral lets in. Never rejects: a secret that cannot be read leaves the others known, and keeps the keys that were read last.
 */
export const createHeldKeys = (options: HeldKeysOptions): (() => Promise<HeldKeys>) => {
  const readers = [...new Set(options.secretIds)].map((id) => ({ id, read: keepReading(options, id) }));
  return async () => {
    const readings = await Promise.all(readers.map(async ({ id, read }) => ({ id, ...(await read()) })));
    return {
      keys: unique(readings.flatMap(({ keys }) => keys)),
      unread: readings.flatMap(({ id, failure }) => (failure === null ? [] : [id])),
    };
  };
};

const keepReading = ({ secrets, clock, log, keepMs }: HeldKeysOptions, secretId: string): (() => Promise<Reading>) => {
  let kept: Reading = { keys: [], failure: null };
  let untilMs = Number.NEGATIVE_INFINITY;
  let running: Promise<Reading> | null = null;
  const read = async (): Promise<Reading> => {
    const { keys, failure } = await readKeys(secrets, secretId);
    if (failure !== null && kept.failure === null) log('redaction.keys-unknown', { secret: secretId, why: failure });
    kept = { keys: failure === null ? keys : unique([...kept.keys, ...keys]), failure };
    untilMs = clock.nowMs() + (failure === null ? keepMs : AGAIN_MS);
    running = null;
    return kept;
  };
  return () => {
    if (clock.nowMs() <= untilMs) return Promise.resolve(kept);
    running ??= read();
    return running;
  };
};

/** One label of each version: many may lie on the same. */
const readKeys = async (secrets: SecretReader, secretId: string): Promise<Reading> => {
  const listed = await settle(secrets.labels(secretId));
  const labels = 'failure' in listed ? KNOWN_LABELS : labelsByVersion(listed.value ?? new Map<string, string>());
  const read = await Promise.all(labels.map((label) => settle(secrets.value(secretId, { label }))));
  const failures = [listed, ...read].flatMap((one) => ('failure' in one ? [one.failure] : []));
  return {
    keys: unique(read.flatMap((one) => ('failure' in one || one.value === null ? [] : [one.value]))),
    failure: failures[0] ?? null,
  };
};

const labelsByVersion = (labels: ReadonlyMap<string, string>): readonly string[] => [
  ...new Map([...labels].map(([label, version]) => [version, label])).values(),
];

const settle = async <T>(asked: Promise<T>): Promise<{ readonly value: T } | { readonly failure: string }> => {
  try {
    return { value: await asked };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : 'unknown' };
  }
};

const unique = (keys: readonly string[]): readonly string[] => [...new Set(keys)];

/**
 * The same secrets, and every value that was read through them, the last one of each place: for redaction where a process uses few keys
 * and each reading costs.
 */
export const noteValues = (
  secrets: Secrets,
): { readonly secrets: Secrets; readonly noted: () => readonly string[] } => {
  const values = new Map<string, string>();
  return {
    secrets: {
      ...secrets,
      value: async (secretId, at, how) => {
        const value = await secrets.value(secretId, at, how);
        // As it is sent: without the blanks around it.
        if (value !== null) values.set(JSON.stringify([secretId, at]), value.trim());
        return value;
      },
    },
    noted: () => unique([...values.values()]),
  };
};
