import { describe, expect, it, onTestFinished } from 'vitest';
import { createAdminSources } from '../../lib/adapters/mistral-admin/account.ts';
import { KEY, partsOfKey, serve } from './mistral/serve.ts';

const target = { name: 'chat-api', environment: 'production', models: [], secretId: 's', healthUrl: null };

const SPEND = {
  limits: {
    completion: {
      monthly_limit_reached: false,
      no_monthly_limit: false,
      usage: 41,
      total_usage: 42.5,
      usage_limit: 100,
    },
    currency: 'USD',
  },
};
const KEYS = {
  api_keys: [
    { key_id: '1', name: 'chat', expiration_date: '2026-12-01', last_used: '2026-11-20T11:59:00Z' },
    { key_id: '2', name: 'twin', expiration_date: null },
    { key_id: '3', name: 'twin', expiration_date: null },
    { key_id: '4', name: 'endless', expiration_date: null, last_used: null },
  ],
};

type Change = {
  readonly spend?: unknown;
  readonly keys?: unknown;
  readonly status?: number;
  readonly header?: 'x-api-key' | 'bearer';
  readonly keyName?: string | null;
  readonly adminKey?: () => Promise<string>;
};

/** The account by a script of ours, from the facts that are known of it: nobody here has such a key. */
const open = async (change: Change = {}) => {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    const { 'x-api-key': plain, authorization } = request.headers;
    asked.push(
      `${request.method} ${request.url} ${plain === KEY ? 'plain' : ''}${authorization === `Bearer ${KEY}` ? 'bearer' : ''}`,
    );
    const body = request.url?.endsWith('/spend-limit') ? (change.spend ?? SPEND) : (change.keys ?? KEYS);
    response.writeHead(change.status ?? 200).end(JSON.stringify(body));
  });
  onTestFinished(server.close);
  const { header = 'x-api-key', keyName = 'chat', adminKey = () => Promise.resolve(KEY) } = change;
  const { spend, keys } = createAdminSources({
    serverUrl: server.url,
    adminKey,
    header,
    allowPrivate: false,
    keyNameOf: () => keyName,
  });
  return { asked, spend: () => spend.read(target, 2_000), keys: () => keys.read(target, 2_000) };
};

describe('the account', () => {
  it('says whether its limit is reached, and how much is spent', async () => {
    const { spend, asked } = await open();
    expect(await spend()).toEqual({ monthlyLimitReached: false, spentUsd: 42.5, limitUsd: 100 });
    expect(asked).toEqual(['GET /v1/admin/spend-limit plain']);
  });

  it('is asked with a Bearer token where that is configured', async () => {
    const { keys, asked } = await open({ header: 'bearer' });
    await keys();
    expect(asked).toEqual(['GET /v1/admin/api-keys bearer']);
  });

  it('says in another currency, or in one that it does not name, which part of its limit is spent, and no limit where there is none', async () => {
    const of = (completion: object, currency: string) => ({ spend: { limits: { completion, currency } } });
    const reached = { ...SPEND.limits.completion, monthly_limit_reached: true };
    for (const currency of ['EUR', ''])
      expect(await (await open(of(reached, currency))).spend()).toEqual({
        monthlyLimitReached: true,
        spentShare: 0.425,
      });
    const endlessEuro = { ...SPEND.limits.completion, no_monthly_limit: true };
    expect(await (await open(of(endlessEuro, 'EUR'))).spend()).toEqual({ monthlyLimitReached: false });
    const endless = { ...SPEND.limits.completion, no_monthly_limit: true };
    expect(await (await open(of(endless, 'USD'))).spend()).toEqual({ monthlyLimitReached: false, spentUsd: 42.5 });
    expect(await (await open(of({ monthly_limit_reached: true }, 'USD'))).spend()).toEqual({
      monthlyLimitReached: true,
    });
  });

  it('tells the dates of the key of the configured name alone', async () => {
    expect(await (await open()).keys()).toEqual({
      keyName: 'chat',
      expiresAt: '2026-12-01T00:00:00.000Z',
      lastUsedAt: '2026-11-20T11:59:00.000Z',
    });
    expect(await (await open({ keyName: 'endless', keys: KEYS.api_keys })).keys()).toEqual({ keyName: 'endless' });
    expect(await (await open({ keys: { keys: KEYS.api_keys } })).keys()).toMatchObject({ keyName: 'chat' });
  });

  it('is not asked about keys where no name is configured', async () => {
    const { keys, asked } = await open({ keyName: null });
    expect(await keys()).toBe(null);
    expect(asked).toEqual([]);
  });

  it.each<readonly [string, Change, RegExp]>([
    ['no key of that name', { keyName: 'other' }, /has no key of the configured name/],
    ['two of them', { keyName: 'twin' }, /has several keys of the configured name/],
    ['another form', { keys: { items: [] } }, /form that we do not know/],
    ['a refusal', { status: 401 }, /refuses the admin key \(401\), or takes it in another header/],
    ['trouble of its own', { status: 503 }, /it answers 503/],
    ['a key that cannot be read', { adminKey: () => Promise.reject(new Error(KEY)) }, /the admin key cannot be read/],
  ])('with %s is not known', async (_what, change, message) => {
    await expect((await open(change)).keys()).rejects.toThrow(message);
  });

  it('never gives the admin key, nor the value of another, away', async () => {
    const leaky = { api_keys: [{ ...KEYS.api_keys[0], key: KEY, plaintext: KEY }] };
    const told = await (await open({ keys: leaky })).keys();
    const failed = await (await open({ status: 403 })).spend().catch((error: unknown) => String(error));
    expect(partsOfKey([told, failed])).toEqual([]);
  });
});
