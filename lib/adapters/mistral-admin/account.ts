import * as z from 'zod/mini';
import type { ProbeFacts } from '../../domain/diagnosis.ts';
import type { FactSource } from '../../ports/probe-sources.ts';
import type { ServiceTarget } from '../../ports/probes.ts';
import { getJson, NoAnswer } from '../get-json.ts';
import { SourceError } from '../source-error.ts';

export type AdminAccount = {
  /** Of the API itself, without `/v1/admin`. */
  readonly serverUrl: string;
  /** Asked for at each call, since it may be changed. Its failure is shown as one of ours, without its message. */
  readonly adminKey: () => Promise<string>;
  /** The guide says `x-api-key`, the API description a Bearer token. */
  readonly header: 'x-api-key' | 'bearer';
  readonly allowPrivate: boolean;
  /** How the account calls the key of a service; null: not configured, and no key is guessed. */
  readonly keyNameOf: (target: ServiceTarget) => string | null;
};

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_NAME_CHARS = 100;

const AMOUNT = z.optional(z.nullable(z.number()));

const SPEND = z.object({
  limits: z.object({
    completion: z.object({
      monthly_limit_reached: z.boolean(),
      no_monthly_limit: z.optional(z.nullable(z.boolean())),
      total_usage: AMOUNT,
      usage_limit: AMOUNT,
    }),
    currency: z.optional(z.nullable(z.string())),
  }),
});

const TIME = z.optional(z.nullable(z.string()));

/** What a key may be told by. Its value is not among these: it is never read, though the account would not tell it. */
const KEY = z.object({ name: z.optional(z.nullable(z.string())), expiration_date: TIME, last_used: TIME });

const LISTS = z.union([
  z.array(KEY),
  z.object({ api_keys: z.array(KEY) }),
  z.object({ keys: z.array(KEY) }),
  z.object({ data: z.array(KEY) }),
]);

const listOf = (body: unknown): readonly z.output<typeof KEY>[] => {
  const read = z.safeParse(LISTS, body);
  if (!read.success) throw new SourceError('its list of keys has a form that we do not know');
  const { data } = read;
  if (Array.isArray(data)) return data;
  if ('api_keys' in data) return data.api_keys;
  return 'keys' in data ? data.keys : data.data;
};

const createGet =
  ({ serverUrl, adminKey, header, allowPrivate }: AdminAccount) =>
  async (path: string, limitMs: number): Promise<unknown> => {
    const key = await adminKey().catch(() => {
      throw new SourceError('the admin key cannot be read');
    });
    const headers = header === 'bearer' ? { authorization: `Bearer ${key}` } : { 'x-api-key': key };
    try {
      const url = `${serverUrl.replace(/\/(?:v1\/?)?$/, '')}/v1/admin/${path}`;
      return await getJson(url, { limitMs, mostBytes: MOST_BYTES, allowPrivate, headers });
    } catch (error) {
      if (error instanceof NoAnswer && (error.status === 401 || error.status === 403))
        throw new SourceError(`it refuses the admin key (${error.status}), or takes it in another header`);
      throw error;
    }
  };

/** Amounts count in dollars only where the account says that they are; what part of the limit is spent is the same in every currency. */
const readSpend = (body: unknown): ProbeFacts => {
  const read = z.safeParse(SPEND, body);
  if (!read.success) throw new SourceError('its spend limit has a form that we do not know');
  const { completion, currency } = read.data.limits;
  const isUsd = currency?.toUpperCase() === 'USD';
  const { total_usage: spent, usage_limit: most, no_monthly_limit: isEndless } = completion;
  const limit = isEndless === true || typeof most !== 'number' ? null : most;
  const isPart = !isUsd && limit !== null && limit > 0 && typeof spent === 'number';
  return {
    monthlyLimitReached: completion.monthly_limit_reached,
    ...(isUsd && typeof spent === 'number' ? { spentUsd: spent } : {}),
    ...(isUsd && limit !== null ? { limitUsd: limit } : {}),
    ...(isPart ? { spentShare: spent / limit } : {}),
  };
};

/** A day without a time is over when it begins: better a day too soon than a day too late. null: there is none, or it is not read. */
const timeOf = (text: string | null | undefined): string | null => {
  const atMs = Date.parse(text ?? '');
  return Number.isFinite(atMs) ? new Date(atMs).toISOString() : null;
};

const readKey = (body: unknown, keyName: string): ProbeFacts => {
  const [key, ...others] = listOf(body).filter(({ name }) => name === keyName);
  if (key === undefined) throw new SourceError('the account has no key of the configured name');
  if (others.length > 0) throw new SourceError('the account has several keys of the configured name');
  const [expiresAt, lastUsedAt] = [timeOf(key.expiration_date), timeOf(key.last_used)];
  return {
    keyName: keyName.slice(0, MOST_NAME_CHARS),
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(lastUsedAt === null ? {} : { lastUsedAt }),
  };
};

/** The account behind the keys, by Mistral's Admin API. It only reads. */
export const createAdminSources = (
  account: AdminAccount,
): { readonly spend: FactSource; readonly keys: FactSource } => {
  const get = createGet(account);
  const name = 'the Admin API';
  return {
    spend: { name, read: async (_target, timeoutMs) => readSpend(await get('spend-limit', timeoutMs)) },
    keys: {
      name,
      isFor: (target) => account.keyNameOf(target) !== null,
      read: async (target, timeoutMs) => {
        const keyName = account.keyNameOf(target);
        return keyName === null ? null : readKey(await get('api-keys', timeoutMs), keyName);
      },
    },
  };
};
