import promises from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { expect, it, onTestFinished } from 'vitest';
import { createSources } from '../../lib/app/sources.ts';
import { readConfig } from '../../lib/config.ts';
import { serve } from '../adapters/mistral/serve.ts';

const nothingOfAws = () => Promise.reject(new Error('nothing of AWS is asked'));

/** Every name leads to this machine, while the test runs. */
const leadHere = (): void => {
  const { lookup } = promises;
  const found = [{ address: '127.0.0.1', family: 4 }];
  const put = (one: unknown): void => {
    Object.assign(promises, { lookup: one });
    syncBuiltinESMExports();
  };
  put(() => Promise.resolve(found));
  onTestFinished(() => put(lookup));
};

it.each([
  [true, { monthlyLimitReached: false }],
  [false, 'refused'],
] as const)('the account is asked under a private name where calls are (%s)', async (allowPrivate, told) => {
  leadHere();
  const limits = { completion: { monthly_limit_reached: false } };
  const server = await serve((_, response) => response.end(JSON.stringify({ limits })));
  onTestFinished(server.close);
  const { admin } = createSources({
    config: readConfig({
      services: [{ name: 'chat', models: ['a'] }],
      mayMitigate: { users: ['U0MAYA'], groups: [] },
      probing: { allowPrivate },
    }),
    store: { read: () => Promise.resolve(null) },
    variables: {},
    call: { callJson: nothingOfAws, callObject: nothingOfAws },
    serverUrl: `http://gateway.invalid:${server.port}`,
    adminKey: () => Promise.resolve('k'),
    clock: { nowMs: () => 0 },
    wait: () => Promise.resolve(),
  });
  const target = { name: 'chat', environment: 'production', models: ['a'], secretId: 's', healthUrl: null };
  const asked = admin?.spend.read(target, 1_000).catch(() => 'refused');
  expect(await asked).toEqual(typeof told === 'string' ? told : expect.objectContaining(told));
});
