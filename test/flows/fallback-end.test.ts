import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyMitigation } from '../../lib/flows/apply-mitigation.ts';
import { readAudit } from '../../lib/flows/audit.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { undoMitigation } from '../../lib/flows/undo-mitigation.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { makeArrival } from '../make.ts';
import { press } from './press.ts';
import { whispersTo } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

const HOUR_MS = 3_600_000;
const THEIRS = '{"fallback":true,"by":"somebody else"}';

let world: World;
let id = '';

beforeEach(async () => {
  world = await openWorld();
  await world.parts.mistral.chatOnce('test-key-current', 'mistral-small-latest', 2_000);
  await world.breakMistral('error-500');
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  await world.settle();
});
afterEach(() => world.close());

const fallbacks = async () => (await world.incident(id)).mitigations.filter(({ kind }) => kind === 'enable-fallback');
const lease = async () => (await fallbacks()).at(-1);
const leaseId = async (): Promise<string> => (await lease())?.id ?? '';
const shown = (): Promise<string | null> => world.parts.projection.current('production', 'mistral-api');
const edit = (): Promise<void> => world.parts.projection.publish('production', 'mistral-api', THEIRS);
const endTimers = async () => (await world.incident(id)).timers.filter(({ kind }) => kind === 'lease-end');

class Died extends Error {}

/** The process dies once, after the action and before its outcome is written. */
const dyingAfterEffect = (): Parts => ({
  ...world.parts,
  checkpoint: (step) => (step === 'effected' ? Promise.reject(new Died()) : Promise.resolve()),
});

describe("somebody else's edit of the controls", () => {
  it('stays when the fallback ends, however long nobody asks; a press then takes it away', async () => {
    await press(world, 'mitigation.enable-fallback', id);
    await edit();
    for (const ms of [HOUR_MS + 1_000, 301_000, 301_000, HOUR_MS]) {
      world.pass(ms);
      await world.settle();
    }
    expect(await shown()).toBe(THEIRS);
    expect(await lease()).toMatchObject({ state: 'active', expiresAt: null });
    expect((await lease())?.outcome).toContain('somebody else');
    expect(await endTimers()).toEqual([]);
    expect((await readAudit(world.parts, id)).filter(({ step }) => step === 'undo-intent')).toHaveLength(1);
    expect((await world.parts.store.read('control', 'production/mistral-api'))?.record.leases).toEqual([]);
    await press(world, 'mitigation.undo', await leaseId());
    expect(await lease()).toMatchObject({ state: 'reverted' });
    expect(JSON.parse((await shown()) ?? '')).not.toHaveProperty('fallback');
  });

  it('is not taken for seen because the process died after it was met', async () => {
    await edit();
    await press({ ...world, settle: async () => undefined }, 'mitigation.enable-fallback', id);
    await runQueueOnce(world.parts, { queue: 'jobs', atOnce: 50, leaseMs: 15_000 });
    const asked = await leaseId();
    await expect(applyMitigation(dyingAfterEffect(), asked)).rejects.toThrow(Died);
    await applyMitigation(world.parts, asked);
    expect(await shown()).toBe(THEIRS);
    expect(await lease()).toMatchObject({ state: 'failed' });
  });

  it('is not taken for seen because an undo is gone on with after the process died; asked again it is', async () => {
    await press(world, 'mitigation.enable-fallback', id);
    await edit();
    const undo = { leaseId: await leaseId(), actor: 'U0MAYA', why: 'asked' } as const;
    await expect(undoMitigation(dyingAfterEffect(), undo)).rejects.toThrow(Died);
    await undoMitigation(world.parts, undo);
    expect(await shown()).toBe(THEIRS);
    expect(await lease()).toMatchObject({ state: 'active' });
    await undoMitigation(world.parts, undo);
    expect(await lease()).toMatchObject({ state: 'reverted' });
    expect(await shown()).not.toBe(THEIRS);
  });
});

describe('an undo whose outcome was written before a crash', () => {
  it('ends as it was written and is not made again', async () => {
    await press(world, 'mitigation.enable-fallback', id);
    await edit();
    const { store } = world.parts;
    const dying: Parts = {
      ...world.parts,
      store: {
        ...store,
        write: async (kind, key, record, ifVersion, dueMs) => {
          if (kind === 'lease' && 'state' in record && record.state === 'active') throw new Died();
          return store.write(kind, key, record, ifVersion, dueMs);
        },
      },
    };
    const undo = { leaseId: await leaseId(), actor: 'U0MAYA', why: 'asked' } as const;
    await expect(undoMitigation(dying, undo)).rejects.toThrow(Died);
    await undoMitigation(world.parts, undo);
    expect(await shown()).toBe(THEIRS);
    const steps = (await readAudit(world.parts, id)).map(({ step }) => step);
    expect(steps.slice(3)).toEqual(['undo-intent', 'undo-outcome']);
  });
});

/** Applied, but what applications read is not what was published: nobody knows whether it took effect. */
const pressUnverified = async (): Promise<void> => {
  const { projection } = world.parts;
  let published = 0;
  let read = 0;
  Object.assign(world.parts, {
    projection: {
      ...projection,
      publish: async (environment: string, service: string, text: string) => {
        published += 1;
        await projection.publish(environment, service, text);
      },
      current: async (environment: string, service: string) => {
        const text = await projection.current(environment, service);
        if (published > 0) read += 1;
        return read === 1 ? null : text;
      },
    },
  });
  await press(world, 'mitigation.enable-fallback', id);
  Object.assign(world.parts, { projection });
};

describe('a fallback of which nobody knows whether it took effect', () => {
  beforeEach(async () => {
    await pressUnverified();
    expect(await lease()).toMatchObject({ state: 'unknown' });
  });

  it('ends when its time is over', async () => {
    world.pass(HOUR_MS + 1_000);
    await world.settle();
    expect(await lease()).toMatchObject({ state: 'expired' });
    expect(JSON.parse((await shown()) ?? '')).not.toHaveProperty('fallback');
    expect(await endTimers()).toEqual([]);
  });

  it('is ended by the command', async () => {
    await press(world, 'command', `fallback off ${id}`);
    expect(await lease()).toMatchObject({ state: 'reverted' });
    expect((await whispersTo(world, 'U0MAYA')).join()).toContain('The fallback is being taken back');
  });
});

describe('a fallback among many other presses', () => {
  it('keeps its Undo, and ends', async () => {
    await press(world, 'mitigation.enable-fallback', id);
    const mistral = { ...world.parts.mistral };
    const refused = { ok: false, latencyMs: 1, failure: { names: [], codes: [], status: 401 }, evidence: {} } as const;
    Object.assign(world.parts.mistral, { listModels: () => Promise.resolve(refused) });
    const { diagnosis, ...rest } = await world.incident(id);
    expect(diagnosis).not.toBeNull();
    const stored = await world.parts.store.read('incident', id);
    await world.parts.store.write('incident', id, { ...rest, diagnosis: null }, stored?.version ?? 0, 0);
    for (let nth = 0; nth < 22; nth += 1) await press(world, 'command', `rotate-key ${id}`);
    Object.assign(world.parts.mistral, mistral);
    const { mitigations } = await world.incident(id);
    expect(mitigations.filter(({ state }) => state === 'failed').length).toBeGreaterThan(15);
    expect(mitigations).toHaveLength(20);
    expect(mitigations[0]).toMatchObject({ kind: 'enable-fallback', state: 'active' });
    world.pass(HOUR_MS + 1_000);
    await world.settle();
    expect((await fallbacks())[0]).toMatchObject({ state: 'expired' });
    expect(await endTimers()).toEqual([]);
  });

  it('leaves no timer behind when its summary is gone', async () => {
    await press(world, 'mitigation.enable-fallback', id);
    const stored = await world.parts.store.read('incident', id);
    if (!stored) throw new Error('no incident');
    await world.parts.store.write('incident', id, { ...stored.record, mitigations: [] }, stored.version, 0);
    world.pass(HOUR_MS + 1_000);
    await world.settle();
    expect(await endTimers()).toEqual([]);
    expect(JSON.parse((await shown()) ?? '')).not.toHaveProperty('fallback');
  });
});
