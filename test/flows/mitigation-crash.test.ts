import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SlackRequest } from '../../lib/domain/job.ts';
import type { Lease } from '../../lib/domain/lease.ts';
import { applyMitigation } from '../../lib/flows/apply-mitigation.ts';
import { readAudit } from '../../lib/flows/audit.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { askForMitigation } from '../../lib/flows/request-mitigation.ts';
import { undoMitigation } from '../../lib/flows/undo-mitigation.ts';
import { verifyAudit } from '../../lib/report/audit.ts';
import { makeArrival } from '../make.ts';
import { openWorld, type World } from './world.ts';

const SECRET = 'MISTRAL_SECRET_ID';
const CURRENT_KEY = 'test-key-current';

let world: World;
let id = '';

beforeEach(async () => {
  world = await openWorld();
  await world.parts.mistral.chatOnce(CURRENT_KEY, 'mistral-small-latest', 2_000);
  await world.breakMistral('revoked-key');
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  await world.settle();
});
afterEach(() => world.close());

class Died extends Error {}

/** The process dies instead of writing the lease when it is to be in this state. */
const dyingBefore = (state: Lease['state']): Parts => {
  const { store } = world.parts;
  return {
    ...world.parts,
    store: {
      ...store,
      write: async (kind, key, record, ifVersion, dueMs) => {
        if (kind === 'lease' && 'state' in record && record.state === state) throw new Died();
        return store.write(kind, key, record, ifVersion, dueMs);
      },
    },
  };
};

const request: SlackRequest = {
  user: 'U0MAYA',
  team: 'T0TRIAGE',
  channel: 'C0INCIDENTS',
  messageTs: null,
  action: 'mitigation.rotate-key',
  value: '',
  isBot: false,
};
const asked = { job: { id: 'press-1', queue: 'jobs', body: { kind: 'routine-check' } }, request } as const;
const press = (parts: Parts) => askForMitigation(parts, asked, { kind: 'rotate-key', incidentId: id });

const leases = async () => (await world.parts.store.list('lease', '')).map(({ record }) => record);
const leaseId = async (): Promise<string> => (await leases())[0]?.id ?? '';
const steps = async () => (await readAudit(world.parts, id)).map(({ step }) => step);

describe('a press that was let in before a crash', () => {
  it('is worked on although Slack cannot say any more who pressed', async () => {
    await expect(press(dyingBefore('proposed'))).rejects.toThrow(Died);
    expect((await world.incident(id)).mitigations).toMatchObject([{ state: 'proposed' }]);
    await world.breakSlack('500');
    expect(await press(world.parts)).toBeNull();
    await world.breakSlack('ok');
    await world.settle();
    expect(await leases()).toMatchObject([{ state: 'active' }]);
    expect((await world.incident(id)).mitigations).toMatchObject([{ state: 'active' }]);
  });
});

describe('a mitigation whose outcome was written before a crash', () => {
  it('ends as it was written, whatever could be seen by now', async () => {
    await press(world.parts);
    await expect(applyMitigation(dyingBefore('active'), await leaseId())).rejects.toThrow(Died);
    expect(await leases()).toMatchObject([{ state: 'applying' }]);
    await world.breakMistral('error-500');
    await applyMitigation(world.parts, await leaseId());
    expect(await steps()).toEqual(['requested', 'intent', 'outcome']);
    expect((await readAudit(world.parts, id))[2]?.text).toMatch(/^active: /);
    expect(await leases()).toMatchObject([{ state: 'active' }]);
    expect((await world.incident(id)).mitigations).toMatchObject([{ state: 'active' }]);
  });

  it('does not run after all when it was refused', async () => {
    const standby = (await world.parts.secrets.labels(SECRET))?.get('STANDBY') ?? '';
    await world.parts.secrets.move(SECRET, 'STANDBY', standby, null);
    await press(world.parts);
    await expect(applyMitigation(dyingBefore('failed'), await leaseId())).rejects.toThrow(Died);
    await world.parts.secrets.move(SECRET, 'STANDBY', null, standby);
    await applyMitigation(world.parts, await leaseId());
    expect(await steps()).toEqual(['requested', 'outcome']);
    expect(await leases()).toMatchObject([{ state: 'failed' }]);
  });
});

describe('an undo that failed', () => {
  it('has an intent and an outcome of its own when it is asked for again', async () => {
    await press(world.parts);
    await world.settle();
    const labels = await world.parts.secrets.labels(SECRET);
    const current = labels?.get('AWSCURRENT') ?? '';
    const previous = labels?.get('AWSPREVIOUS') ?? '';
    await world.state.secrets.seed(SECRET, { current: 'test-key-of-somebody-else', standby: null });
    const other = (await world.parts.secrets.labels(SECRET))?.get('AWSCURRENT') ?? '';
    const undo = { leaseId: await leaseId(), actor: 'U0MAYA', why: 'asked' } as const;
    await undoMitigation(world.parts, undo);
    expect(await leases()).toMatchObject([{ state: 'active' }]);
    await world.parts.secrets.move(SECRET, 'AWSCURRENT', other, current);
    await undoMitigation(world.parts, undo);
    expect(await leases()).toMatchObject([{ state: 'reverted' }]);
    expect((await world.parts.secrets.labels(SECRET))?.get('AWSCURRENT')).toBe(previous);
    const audit = await readAudit(world.parts, id);
    expect(audit.slice(3).map(({ step, text }) => `${step}: ${text.split(':')[0]}`)).toEqual([
      'undo-intent: asked to undo',
      'undo-outcome: failed',
      'undo-intent: asked to undo',
      'undo-outcome: done',
    ]);
    expect(verifyAudit(audit)).toEqual({ ok: true });
  });

  it('writes each step once however often a crash repeats it', async () => {
    await press(world.parts);
    await world.settle();
    const undo = { leaseId: await leaseId(), actor: 'U0MAYA', why: 'asked' } as const;
    const dying: Parts = {
      ...world.parts,
      checkpoint: (step) => (step === 'intended' ? Promise.reject(new Died()) : Promise.resolve()),
    };
    await expect(undoMitigation(dying, undo)).rejects.toThrow(Died);
    await expect(undoMitigation(dying, undo)).rejects.toThrow(Died);
    await undoMitigation(world.parts, undo);
    expect((await steps()).slice(3)).toEqual(['undo-intent', 'undo-outcome']);
  });
});
