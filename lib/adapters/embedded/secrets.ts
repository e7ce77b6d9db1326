import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { RefusedError } from '../../ports/final-failure.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Clock } from '../../ports/world.ts';
import type { StateFile } from './state-file.ts';
import { numberIn, textIn } from './tables.ts';

/** Where a label went; version ids only. */
export type LabelMove = {
  readonly label: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly atMs: number;
};

/** Secrets in a file of this machine. Versions come into being from the environment alone. */
export type EmbeddedSecrets = Secrets & {
  /**
   * What the environment says. The first time it fills the secret; later a value that changed since it was last seen becomes a new version
   * with the label. An unchanged value changes nothing, so a rotation stays; neither does a standby that is no longer named.
   */
  readonly seed: (
    secretId: string,
    values: { readonly current: string; readonly standby: string | null },
  ) => Promise<void>;
  /** Every move of a label, oldest first. */
  readonly moves: (secretId: string) => Promise<readonly LabelMove[]>;
};

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const STANDBY = 'STANDBY';
/** On all versions of a secret together, as in Secrets Manager. */
const MAX_LABELS = 20;
const PRUNE_AFTER_MS = 86_400_000;

const LABELS = 'SELECT label, version FROM labels WHERE secret = ? ORDER BY label';
const HOLDER = 'SELECT version FROM labels WHERE secret = ? AND label = ?';
const VERSION = 'SELECT value FROM versions WHERE secret = ? AND version = ?';
const UNDER_LABEL = `SELECT value FROM versions JOIN labels USING (secret, version) WHERE secret = ? AND label = ?`;
const EXISTS = 'SELECT 1 AS one FROM versions WHERE secret = ? LIMIT 1';
const COUNT_LABELS = 'SELECT count(*) AS n FROM labels WHERE secret = ?';
const SET_LABEL = 'INSERT OR REPLACE INTO labels (secret, label, version) VALUES (?, ?, ?)';
const DROP_LABEL = 'DELETE FROM labels WHERE secret = ? AND label = ?';
const RECORD_MOVE = 'INSERT INTO moves (secret, label, from_version, to_version, at_ms) VALUES (?, ?, ?, ?, ?)';
const MOVES = 'SELECT label, from_version, to_version, at_ms FROM moves WHERE secret = ? ORDER BY id';
const ADD_VERSION = 'INSERT INTO versions (secret, version, value, created_ms) VALUES (?, ?, ?, ?)';
const SEEN = 'SELECT salt, hash FROM seen WHERE secret = ? AND label = ?';
const REMEMBER = 'INSERT OR REPLACE INTO seen (secret, label, salt, hash) VALUES (?, ?, ?, ?)';
const PRUNE = `DELETE FROM versions WHERE secret = ? AND created_ms < ?
               AND version NOT IN (SELECT version FROM labels WHERE labels.secret = versions.secret)`;

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The steps of a transaction; each runs inside `file.write`. */
const makeSteps = (file: StateFile, clock: Clock) => {
  const holder = (secret: string, label: string): string | null =>
    textOrNull(file.sql(HOLDER).get(secret, label)?.['version']);

  const put = (secret: string, label: string, to: string | null): void => {
    const from = holder(secret, label);
    if (from === to) return;
    if (to === null) file.sql(DROP_LABEL).run(secret, label);
    else file.sql(SET_LABEL).run(secret, label, to);
    file.sql(RECORD_MOVE).run(secret, label, from, to, clock.nowMs());
    if (label === CURRENT && from !== null) put(secret, PREVIOUS, from);
  };

  const checkTarget = (secret: string, label: string, version: string): void => {
    if (file.sql(VERSION).get(secret, version) === undefined) {
      throw new RefusedError(`the secret ${secret} has no version ${version}`);
    }
    const isNew = holder(secret, label) === null;
    if (isNew && Number(file.sql(COUNT_LABELS).get(secret)?.['n']) >= MAX_LABELS) {
      throw new RefusedError(`the versions of ${secret} have ${MAX_LABELS} labels already: take one off first`);
    }
  };

  /** True when the value differs from the one last seen; remembers it, as a salted hash. */
  const isNews = (secret: string, label: string, value: string): boolean => {
    const row = file.sql(SEEN).get(secret, label);
    if (row !== undefined && hashOf(textIn(row, 'salt'), value) === textIn(row, 'hash')) return false;
    const salt = randomBytes(16).toString('hex');
    file.sql(REMEMBER).run(secret, label, salt, hashOf(salt, value));
    return true;
  };

  const seedOne = (secret: string, label: string, value: string): void => {
    if (!isNews(secret, label, value) || file.sql(UNDER_LABEL).get(secret, label)?.['value'] === value) return;
    const version = randomUUID();
    file.sql(ADD_VERSION).run(secret, version, value, clock.nowMs());
    put(secret, label, version);
  };

  return { holder, put, checkTarget, seedOne };
};

const hashOf = (salt: string, value: string): string => createHmac('sha256', salt).update(value).digest('hex');

/** Secrets with versions and labels that behave as in Secrets Manager. Every change is synced. */
export const openSecrets = (file: StateFile, clock: Clock): EmbeddedSecrets => {
  const steps = makeSteps(file, clock);
  return {
    labels: async (secretId) =>
      file.read(() => {
        if (file.sql(EXISTS).get(secretId) === undefined) return null;
        const rows = file.sql(LABELS).all(secretId);
        return new Map(rows.map((row) => [textIn(row, 'label'), textIn(row, 'version')]));
      }),
    value: async (secretId, at) => {
      const row = await file.read(() =>
        'label' in at ? file.sql(UNDER_LABEL).get(secretId, at.label) : file.sql(VERSION).get(secretId, at.versionId),
      );
      return textOrNull(row?.['value']);
    },
    move: async (secretId, label, from, to) => {
      if (to === null && label === CURRENT) throw new Error(`${CURRENT} cannot be taken off, only moved`);
      if (from === null && to === null) throw new Error(`a move of ${label} names neither version`);
      return file.write('synced', () => {
        if (to !== null && to !== from) steps.checkTarget(secretId, label, to);
        if (steps.holder(secretId, label) !== from) return false;
        steps.put(secretId, label, to);
        return true;
      });
    },
    seed: async (secretId, { current, standby }) => {
      await file.write('synced', () => {
        steps.seedOne(secretId, CURRENT, current);
        if (standby !== null) steps.seedOne(secretId, STANDBY, standby);
        file.sql(PRUNE).run(secretId, clock.nowMs() - PRUNE_AFTER_MS);
      });
    },
    moves: async (secretId) => {
      const rows = await file.read(() => file.sql(MOVES).all(secretId));
      return rows.map((row) => ({
        label: textIn(row, 'label'),
        from: textOrNull(row['from_version']),
        to: textOrNull(row['to_version']),
        atMs: numberIn(row, 'at_ms'),
      }));
    },
  };
};
