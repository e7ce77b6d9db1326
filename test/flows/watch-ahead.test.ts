import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../lib/config.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { openIncidents } from '../../lib/flows/answer-command.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { checkRoutinely } from '../../lib/flows/watch-recovery.ts';
import { makeArrival } from '../make.ts';
import { openWorld, type World } from './world.ts';

const MODEL = 'mistral-small-latest';
const END = '2026-12-10';
const WARNED: Partial<ConfigInput> = { modelEnds: { [MODEL]: { retires: END } } };
const WITH_FALLBACK: Partial<ConfigInput> = {
  services: [{ name: 'mistral-api', models: [MODEL], fallbackModels: ['no-such-model'] }],
};

let world: World;
let asked: string[] = [];
afterEach(() => world.close());

const open = async (config: Partial<ConfigInput>): Promise<void> => {
  world = await openWorld(config);
  asked = [];
  const { chatOnce } = world.parts.mistral;
  Object.assign(world.parts.mistral, {
    chatOnce: (...args: Parameters<typeof chatOnce>) => {
      asked.push(args[1]);
      return chatOnce(...args);
    },
  });
};

const check = async (ms: number): Promise<readonly Incident[]> => {
  world.pass(ms);
  await checkRoutinely(world.parts);
  await world.settle();
  return openIncidents(world.parts);
};

const change = (config: Partial<World['parts']['settings']>): void => {
  Object.assign(world.parts, { settings: { ...world.parts.settings, ...config } });
};

describe('the end of a model', () => {
  beforeEach(() => open(WARNED));

  it('becomes one incident by the rules of all alerts, told once, resolved when its cause is gone', async () => {
    const [incident, ...others] = await check(60_000);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      severity: 'P4',
      title: `Within 30 days: Mistral ends ${MODEL} on 10 Dec 2026`,
      service: 'mistral-api',
      environment: 'production',
      totals: { firing: 1, received: 1 },
    });
    const [again] = await check(60_000);
    expect(again?.totals).toEqual(incident?.totals);
    change({ modelEnds: {} });
    const [gone] = await check(60_000);
    expect(gone?.totals).toMatchObject({ firing: 0, resolved: 1 });
  });

  it('that comes nearer is another alert of the same incident and raises it', async () => {
    const [incident] = await check(60_000);
    const [nearer, ...others] = await check(14 * 86_400_000);
    expect(others).toEqual([]);
    expect(nearer).toMatchObject({ id: incident?.id, severity: 'P3', totals: { firing: 1, resolved: 1 } });
  });

  it('stays a warning while the service is in trouble, which is told in its own incident, and after it', async () => {
    const [incident] = await check(60_000);
    const { id = '' } = incident ?? {};
    const standing = async () => {
      const { severity, title, status, diagnosis, outbox } = await world.incident(id);
      return { severity, title, status, verdict: diagnosis?.verdict, notes: outbox.notes.length };
    };
    const before = await standing();
    await world.breakMistral('revoked-key');
    const [trouble = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0, { environment: 'production' })]);
    await check(600_000);
    expect(await standing()).toEqual(before);
    expect(await world.incident(trouble)).toMatchObject({ severity: 'P1', diagnosis: { branch: 'auth.invalid_key' } });
    await world.breakMistral('none');
    for (let rounds = 0; rounds < 3; rounds += 1) await check(600_000);
    expect(await standing()).toEqual({ ...before, status: 'monitoring' });
  });

  it('is put again after a crash that came before it was remembered, and told once', async () => {
    const { write } = world.parts.store;
    const failing = {
      ...world.parts.store,
      write: (...args: Parameters<typeof write>) =>
        args[0] === 'ahead' ? Promise.reject(new Error('down')) : write(...args),
    };
    const { store } = world.parts;
    Object.assign(world.parts, { store: failing });
    await check(60_000);
    Object.assign(world.parts, { store });
    const [incident, ...others] = await check(60_000);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ totals: { firing: 1, received: 2 }, alerts: [{ state: 'firing' }] });
  });
});

it('Two routine checks that are due at once are one: nothing is put or asked twice', async () => {
  await open({ ...WARNED, ...WITH_FALLBACK });
  world.pass(60_000);
  await Promise.all([checkRoutinely(world.parts), checkRoutinely(world.parts)]);
  expect(asked.toSorted()).toEqual([MODEL, 'no-such-model']);
  await world.settle();
  expect((await openIncidents(world.parts)).map(({ totals }) => totals.received)).toEqual([1]);
  asked = [];
  await check(60_000);
  expect(asked).toContain(MODEL);
});

describe('the fallback', () => {
  const tries = (): number => asked.filter((model) => model === 'no-such-model').length;
  beforeEach(() => open(WITH_FALLBACK));

  it('that does not work is told when it failed again after 5 and 15 minutes, then tried every hour', async () => {
    expect(await check(60_000)).toEqual([]);
    expect(await check(240_000)).toEqual([]);
    expect(tries()).toBe(1);
    expect(await check(60_000)).toEqual([]);
    expect(tries()).toBe(2);
    const [incident] = await check(900_000);
    expect(incident).toMatchObject({
      severity: 'P3',
      title: 'The fallback would not work: no-such-model does not answer',
    });
    await check(3_000_000);
    expect(tries()).toBe(3);
    await check(600_000);
    expect(tries()).toBe(4);
  });

  it('that has no room for a moment is told to nobody', async () => {
    const { chatOnce } = world.parts.mistral;
    const failure = { status: 429, body: 'json', code: '3505', names: [], codes: [] } as const;
    Object.assign(world.parts.mistral, {
      chatOnce: (...args: Parameters<typeof chatOnce>) =>
        args[1] === MODEL
          ? chatOnce(...args)
          : Promise.resolve({ ok: false, latencyMs: 1, evidence: { status: 429 }, failure }),
    });
    for (let hours = 0; hours < 4; hours += 1) expect(await check(3_600_000)).toEqual([]);
  });

  it('is not rehearsed with tokens that the probes may not spend, and then when they may', async () => {
    const { probing } = world.parts.settings;
    change({ probing: { ...probing, tokensPerHour: 1 } });
    await check(60_000);
    expect(tries()).toBe(0);
    change({ probing });
    await check(60_000);
    expect(tries()).toBe(1);
  });

  it('is not rehearsed beyond the tokens of the hour, though all is well', async () => {
    const { store, clock, settings } = world.parts;
    const spent = [{ atMs: clock.nowMs(), tokens: settings.probing.tokensPerHour - 360 }];
    await store.write('probing', 'MISTRAL_SECRET_ID', { spent, models: {} }, 0);
    await check(60_000);
    expect(asked).toEqual([MODEL]);
    await check(3_600_000);
    expect(asked).toEqual([MODEL, MODEL, 'no-such-model']);
  });

  it('is not rehearsed while something is wrong', async () => {
    await world.breakMistral('error-500');
    await check(60_000);
    expect(tries()).toBe(0);
  });
});

describe('a service with so many models that its diagnosis is thinned to be stored', () => {
  const models = Array.from({ length: 20 }, (_, index) => `${MODEL.slice(0, -6)}${index}-${'x'.repeat(60)}`);
  const retrieve = (end: (model: string) => object): void => {
    Object.assign(world.parts.mistral, {
      retrieveModel: (_key: string, model: string) =>
        Promise.resolve({ ok: true, latencyMs: 1, evidence: {}, facts: { maxContextTokens: 1, ...end(model) } }),
    });
  };
  beforeEach(() => open({ services: [{ name: 'mistral-api', models }] }));

  it('is told what the cards say, keeps it, and is advised by it', async () => {
    retrieve((model) => (model === models[7] ? { deprecatedAt: END, replacedBy: 'next' } : {}));
    const [incident, ...others] = await check(60_000);
    const stored = await world.parts.store.read('diagnosis', 'production/mistral-api');
    expect(stored?.record.probes.some(({ facts }) => facts !== undefined)).not.toBe(true);
    expect(JSON.stringify(stored?.record.mitigations)).toContain('Mistral names next');
    expect(others).toEqual([]);
    expect(incident?.title).toContain(`Mistral ends ${models[7]}`);
    const [again] = await check(60_000);
    expect(again?.totals).toEqual(incident?.totals);
    retrieve(() => ({}));
    const [gone] = await check(60_000);
    expect(gone?.totals).toMatchObject({ firing: 0, resolved: 1 });
  });
});

it('a service without anything ahead opens nothing, and a record that cannot be read keeps up no check', async () => {
  await open({});
  expect(await check(60_000)).toEqual([]);
  const { read } = world.parts.store;
  Object.assign(world.parts, {
    store: {
      ...world.parts.store,
      read: (...args: Parameters<typeof read>) =>
        args[0] === 'ahead' ? Promise.reject(new Error('down')) : read(...args),
    },
  });
  await check(60_000);
  const checked = await read('check', 'routine');
  expect(checked?.record.checkedAt).toBe(new Date(world.parts.clock.nowMs()).toISOString());
});
