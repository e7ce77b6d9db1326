import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CallFailure, ProbeAnswer } from '../../lib/domain/diagnosis.ts';
import { isCarried } from '../../lib/domain/finding-facts.ts';
import { askTheWorld, findingsOf } from '../../lib/flows/diagnose-service.ts';
import { targetOf } from '../../lib/flows/target-of.ts';
import type { ServiceTarget } from '../../lib/ports/probes.ts';
import { openWorld, type World } from './world.ts';

const DEADLINE_MS = 8_000;
const refusedBy = (status: number): CallFailure => ({ status, body: 'json', names: [], codes: [] });

let world: World;
let target: ServiceTarget;
let asked: { readonly what: string; readonly key: string; readonly timeoutMs: number }[] = [];
/** What the old key gets, and how long that takes. */
let refusal = refusedBy(401);
let refusedAfterMs = 0;
let refusedKey = 'old';
let chatWith: (key: string) => Promise<void> = () => Promise.resolve();
let healths = 0;

const answer =
  (what: string) =>
  async (key: string, ...rest: readonly (string | number)[]) => {
    asked.push({ what, key, timeoutMs: Number(rest.at(-1)) });
    if (what === 'chat') await chatWith(key);
    if (key === refusedKey) world.pass(refusedAfterMs);
    const [latencyMs, evidence] = [1, {}];
    return key === refusedKey
      ? ({ ok: false, latencyMs, evidence, failure: refusal } as const)
      : ({ ok: true, latencyMs, evidence, models: 1 } as const);
  };

beforeEach(async () => {
  const services = [{ name: 'mistral-api', models: ['small'], healthUrl: 'http://127.0.0.1:9/health' }];
  const health = {
    get: () => {
      healths += 1;
      return Promise.resolve({ status: 200, latencyMs: 1 });
    },
  };
  world = await openWorld({ services }, { health });
  const { mistral, secrets, settings } = world.parts;
  Object.assign(world.parts, {
    mistral: { ...mistral, listModels: answer('list'), chatOnce: answer('chat'), retrieveModel: answer('card') },
    settings: { ...settings, probeDeadlineMs: DEADLINE_MS },
    secrets: {
      ...secrets,
      value: (...[, at, how]: Parameters<typeof secrets.value>) =>
        Promise.resolve('label' in at && at.label === 'STANDBY' ? 'standby' : how?.fresh === true ? 'new' : 'old'),
    },
  });
  const found = targetOf(world.parts, { service: 'mistral-api', environment: 'production' });
  if (found === null) throw new Error('the world has no service');
  target = found;
  [asked, healths, refusal, refusedAfterMs, refusedKey] = [[], 0, refusedBy(401), 0, 'old'];
  chatWith = () => Promise.resolve();
});
afterEach(() => world.close());

const askWithKept = (onAnswer?: (answer: ProbeAnswer, openCount: number) => void) =>
  askTheWorld(world.parts, target, onAnswer, { fresh: false });

it('a key that was replaced is asked with again for what it concerns, and nothing else is asked twice', async () => {
  expect(await askWithKept()).toMatchObject({ verdict: 'healthy' });
  const questions = asked.map(({ what, key }) => `${what} ${key}`).toSorted();
  expect(questions).toEqual(['card new', 'card old', 'chat new', 'chat old', 'list new', 'list old', 'list standby']);
  expect(healths).toBe(1);
});

it('a standby key that is refused for itself makes nobody ask again', async () => {
  refusedKey = 'standby';
  expect(findingsOf(await askWithKept()).find(({ name }) => name === 'standby')).toMatchObject({ outcome: 'failed' });
  expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(['old', 'standby']));
});

it('the first questions have two thirds of the deadline, and what explains trouble has what they leave', async () => {
  [refusal, refusedAfterMs] = [refusedBy(500), 1_600];
  await askTheWorld(world.parts, target, undefined, { fresh: false, explains: 'trouble' });
  const limitOf = (key: string) => asked.find((one) => one.key === key)?.timeoutMs ?? 0;
  expect(limitOf('old')).toBe(4_800);
  // Reading the standby key takes of it.
  expect(limitOf('standby')).toBeLessThanOrEqual((DEADLINE_MS - 3 * 1_600) * 0.9);
  expect(limitOf('standby')).toBeGreaterThan((DEADLINE_MS - 3 * 1_600) * 0.8);
});

it('all steps and rounds have one deadline, which is told as it is configured', async () => {
  chatWith = () => new Promise(() => undefined);
  const startedMs = world.parts.clock.nowMs();
  Object.assign(world.parts, {
    wait: async (ms: number) => {
      await new Promise((resolve) => void setImmediate(resolve));
      // The first step and the second round wait at the same time.
      world.pass(ms / 2);
    },
  });
  const diagnosis = await askTheWorld(world.parts, target, undefined, { fresh: false, explains: 'trouble' });
  expect(world.parts.clock.nowMs() - startedMs).toBeLessThanOrEqual(DEADLINE_MS);
  const chat = findingsOf(diagnosis).find(({ name }) => name === 'chat:small');
  expect(chat?.why).toBe('no answer by the deadline of 8 s');
  expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(['old', 'new', 'standby']));
});

it('where no time is left for the new key, it is neither asked with nor blamed for what the old one was told', async () => {
  refusedAfterMs = 3_800;
  const diagnosis = await askWithKept();
  expect(asked.filter(({ key }) => key === 'new')).toEqual([]);
  expect(diagnosis).not.toMatchObject({ branch: 'auth.invalid_key' });
  expect(findingsOf(diagnosis).filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  const list = findingsOf(diagnosis).find(({ name }) => name === 'models');
  expect(list).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('a key that was replaced meanwhile') });
});

it('both rounds together have one deadline', async () => {
  refusedAfterMs = 1_000;
  await askWithKept();
  const limits = asked.filter(({ key }) => key === 'new').map(({ timeoutMs }) => timeoutMs);
  // One to three questions with the old key have taken a second each before the new one is asked with.
  expect(Math.max(...limits)).toBeLessThanOrEqual((DEADLINE_MS - 1_000) * 0.9);
  // Looking at the card takes a little of it.
  expect(Math.min(...limits)).toBeGreaterThan((DEADLINE_MS - 3_000) * 0.8);
});

it('the new key is asked with at the first refusal, and does not wait for what still hangs with the old one', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  chatWith = async (key) => {
    if (key === 'old') await released;
    else release();
  };
  expect(await askWithKept()).toMatchObject({ verdict: 'healthy' });
});

it('who watches sees the second answers in place of the first, and none of the old key after them', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const heard: ProbeAnswer[] = [];
  chatWith = async (key) => {
    if (key === 'old') await released;
  };
  const opens: number[] = [];
  const diagnosis = await askWithKept((one, openCount) => {
    heard.push(one);
    opens.push(openCount);
    if (one.name === 'chat:small') release();
  });
  const last = new Map(heard.map(({ name, outcome }) => [name, outcome]));
  expect(last).toEqual(new Map(findingsOf(diagnosis).map(({ name, outcome }) => [name, outcome])));
  expect(heard.filter(({ name }) => name === 'chat:small').map(({ outcome }) => outcome)).toEqual(['ok']);
  expect(opens.at(-1)).toBe(0);
});

it('a limit that the old key met is not met twice, and stays what was found', async () => {
  refusal = refusedBy(429);
  const diagnosis = await askWithKept();
  expect(diagnosis).toMatchObject({ branch: 'rate.minute' });
  expect(findingsOf(diagnosis).some(isCarried)).toBe(false);
  expect(asked.filter(({ what }) => what === 'chat')).toHaveLength(1);
  expect(asked.filter(({ key }) => key === 'new')).not.toHaveLength(0);
});

it.each([
  ['over', 'asked once the chat is answered well', { outcome: 'ok' }, 1, 'healthy'],
  ['met again', 'not asked, and as limited as the chat', { outcome: 'failed', branch: 'rate.minute' }, 0, 'problem'],
] as const)('where a limit is %s a stream is %s', async (_name, _what, stream, times, verdict) => {
  const streams = { ...target, streams: true };
  Object.assign(world.parts.mistral, { streamOnce: answer('stream') });
  [refusal, refusedKey] = [refusedBy(429), 'new'];
  await askTheWorld(world.parts, streams);
  world.pass(60_000);
  asked = [];
  if (verdict === 'healthy') refusedKey = 'nobody';
  const diagnosis = await askTheWorld(world.parts, streams);
  expect(asked.filter(({ what }) => what === 'stream')).toHaveLength(times);
  expect(findingsOf(diagnosis).find(({ name }) => name === 'stream:small')).toMatchObject(stream);
  expect(diagnosis.verdict).toBe(verdict);
});
