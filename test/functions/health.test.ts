import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHealthHandler } from '../../functions/health.ts';
import type { ChatHealth } from '../../lib/app/health.ts';
import { checkRoutinely } from '../../lib/flows/watch-recovery.ts';
import { openWorld, type World } from '../flows/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const ask = async (method = 'GET', slack: ChatHealth | null = null) => {
  const answer = await createHealthHandler({ ...world.parts, chatHealth: () => slack })({
    rawPath: '/health',
    rawQueryString: '',
    headers: {},
    isBase64Encoded: false,
    requestContext: { http: { method } },
  });
  const body: unknown = JSON.parse(answer.body);
  return { status: answer.statusCode, body };
};

it('is 503 before the first check', async () => {
  expect(await ask()).toMatchObject({
    status: 503,
    body: { status: 'unhealthy', services: { mistral: { error: 'no routine check yet' } } },
  });
});

it('is 200 after a good check, and 503 when that is older than three intervals', async () => {
  await checkRoutinely(world.parts);
  expect(await ask()).toMatchObject({
    status: 200,
    body: { status: 'healthy', services: { mistral: { status: 'healthy', model: 'mistral-small-latest' } } },
  });
  world.pass(180_000);
  expect((await ask()).status).toBe(200);
  world.pass(1);
  expect(await ask()).toMatchObject({
    status: 503,
    body: { services: { mistral: { error: 'the last routine check is too old' } } },
  });
});

it('is 503 with the branch when the check found a problem', async () => {
  await world.breakMistral('error-500');
  await checkRoutinely(world.parts);
  expect(await ask()).toMatchObject({
    status: 503,
    body: { status: 'unhealthy', services: { mistral: { error: 'provider.5xx' } } },
  });
});

it('asks nobody, and takes no other method', async () => {
  await checkRoutinely(world.parts);
  await world.breakMistral('hang');
  expect((await ask()).status).toBe(200);
  expect((await ask('POST')).status).toBe(405);
});

it('knows Slack besides: degraded when it refuses us, and Mistral alone decides on 503', async () => {
  const checkedAt = '2026-11-20T03:12:07.000Z';
  const refused = { status: 'degraded', error: 'no-permission', checkedAt } as const;
  await checkRoutinely(world.parts);
  expect(await ask()).toMatchObject({ body: { services: expect.not.objectContaining({ slack: expect.anything() }) } });
  expect(await ask('GET', { status: 'healthy', checkedAt })).toMatchObject({
    status: 200,
    body: { status: 'healthy', services: { slack: { status: 'healthy', checkedAt } } },
  });
  expect(await ask('GET', refused)).toMatchObject({
    status: 200,
    body: { status: 'degraded', services: { mistral: { status: 'healthy' }, slack: refused } },
  });
  await world.breakMistral('error-500');
  world.pass(60_000);
  await checkRoutinely(world.parts);
  expect(await ask('GET', refused)).toMatchObject({ status: 503, body: { status: 'unhealthy' } });
});
