import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SlackRequest } from '../../lib/domain/job.ts';
import { readAudit } from '../../lib/flows/audit.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { verifyAudit } from '../../lib/report/audit.ts';
import { makeArrival } from '../make.ts';
import { press as pressIn } from './press.ts';
import { shownNotes, whispersTo } from './slack-view.ts';
import { openWorld, STANDBY_KEY, type World } from './world.ts';

let world: World;
let id = '';

const openBroken = async (fault: string): Promise<void> => {
  await world.parts.mistral.chatOnce('test-key-current', 'mistral-small-latest', 2_000);
  await world.breakMistral(fault);
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  await world.settle();
};

beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const press = (action: string, value: string, change: Partial<SlackRequest> = {}): Promise<void> =>
  pressIn(world, action, value, change);
const moves = async () =>
  (await world.state.secrets.moves('MISTRAL_SECRET_ID')).filter(({ label }) => label === 'AWSCURRENT');
const lease = async () => (await world.incident(id)).mitigations.at(-1);

describe('rotate key', () => {
  beforeEach(() => openBroken('revoked-key'));

  it('promotes the standby, is verified, audited and told', async () => {
    const before = await moves();
    await press('mitigation.rotate-key', id);
    expect(await lease()).toMatchObject({ kind: 'rotate-key', state: 'active', requestedBy: 'U0MAYA' });
    expect(await world.parts.secrets.value('MISTRAL_SECRET_ID', { label: 'AWSCURRENT' })).toBe(STANDBY_KEY);
    expect((await moves()).length - before.length).toBe(1);
    const audit = await readAudit(world.parts, id);
    expect(audit.map(({ step }) => step)).toEqual(['requested', 'intent', 'outcome']);
    expect(verifyAudit(audit)).toEqual({ ok: true });
    expect((await shownNotes(world)).some(({ text }) => text.includes('Rotate key'))).toBe(true);
    expect((await world.incident(id)).status).toBe('mitigating');
  });

  it('pressed by two people at once runs once, and the second is told', async () => {
    const request = (user: string): SlackRequest => ({
      user,
      team: 'T',
      channel: 'C0INCIDENTS',
      messageTs: null,
      action: 'mitigation.rotate-key',
      value: id,
      isBot: false,
    });
    const parts = {
      ...world.parts,
      settings: { ...world.parts.settings, mayMitigate: { users: ['U0MAYA', 'U0NOAH'], groups: [] } },
    };
    Object.assign(world.parts.settings.mayMitigate, parts.settings.mayMitigate);
    await world.parts.jobs.put(
      ['U0MAYA', 'U0NOAH'].map((user, nth) => ({
        id: `twice-${nth}`,
        queue: 'jobs' as const,
        body: { kind: 'slack' as const, request: request(user), acceptedAt: '' },
      })),
    );
    await world.settle();
    expect((await world.incident(id)).mitigations).toHaveLength(1);
    expect(await moves()).toHaveLength(2);
    expect([...(await whispersTo(world, 'U0MAYA')), ...(await whispersTo(world, 'U0NOAH'))].join(' ')).toContain(
      'has already pressed it',
    );
  });

  it('is refused to who may not, is a bot, or is a stranger, and says so to them alone', async () => {
    await press('mitigation.rotate-key', id, { user: 'U0NOAH' });
    await press('mitigation.rotate-key', id, { isBot: true });
    expect(await lease()).toBeUndefined();
    expect(await whispersTo(world, 'U0NOAH')).toHaveLength(1);
    expect(await moves()).toHaveLength(1);
  });

  it('is refused when Slack cannot say who pressed', async () => {
    await world.breakSlack('500', 2);
    await press('mitigation.rotate-key', id);
    expect(await lease()).toBeUndefined();
  });

  it('is undone with the labels where they were', async () => {
    const before = await world.parts.secrets.labels('MISTRAL_SECRET_ID');
    await press('mitigation.rotate-key', id);
    const { id: leaseId = '' } = (await lease()) ?? {};
    await press('mitigation.undo', leaseId);
    expect(await lease()).toMatchObject({ state: 'reverted' });
    const after = await world.parts.secrets.labels('MISTRAL_SECRET_ID');
    expect(after?.get('AWSCURRENT')).toBe(before?.get('AWSCURRENT'));
    expect(after?.get('STANDBY')).toBe(before?.get('STANDBY'));
    await press('mitigation.undo', leaseId);
    expect((await whispersTo(world, 'U0MAYA')).at(-1)).toContain('already');
  });

  it('without a standby says what to do by hand, and changes nothing', async () => {
    const labels = await world.parts.secrets.labels('MISTRAL_SECRET_ID');
    await world.parts.secrets.move('MISTRAL_SECRET_ID', 'STANDBY', labels?.get('STANDBY') ?? null, null);
    await press('mitigation.rotate-key', id);
    expect(await lease()).toMatchObject({ state: 'failed' });
    expect((await lease())?.outcome).toContain('STANDBY');
    expect(await moves()).toHaveLength(1);
  });

  it('recovers by itself: three good checks, then a quiet window', async () => {
    await press('mitigation.rotate-key', id);
    for (let check = 0; check < 3; check += 1) {
      world.pass(30_000);
      await world.settle();
    }
    expect((await world.incident(id)).status).toBe('monitoring');
    const end = new Date(world.parts.clock.nowMs()).toISOString();
    await receiveAlerts(world.parts, [makeArrival('job-2', 100, { state: 'resolved', endedAt: end })]);
    for (let check = 0; check < 11; check += 1) {
      world.pass(30_000);
      await world.settle();
    }
    expect((await world.incident(id)).status).toBe('resolved');
  });
});

describe('enable fallback', () => {
  beforeEach(() => openBroken('error-500'));

  const control = async (): Promise<unknown> =>
    JSON.parse((await world.parts.projection.current('production', 'mistral-api')) ?? 'null');

  it('is a lease: in effect for applications, and over when its time is', async () => {
    await press('mitigation.enable-fallback', id);
    expect(await lease()).toMatchObject({ state: 'active' });
    expect(await control()).toMatchObject({ fallback: true });
    world.pass(60 * 60_000 + 1);
    await world.settle();
    expect(await lease()).toMatchObject({ state: 'expired' });
    expect(await control()).not.toHaveProperty('fallback');
  });

  it('is undone by a press', async () => {
    await press('mitigation.enable-fallback', id);
    await press('mitigation.undo', (await lease())?.id ?? '');
    expect(await control()).not.toHaveProperty('fallback');
    expect((await readAudit(world.parts, id)).map(({ step }) => step)).toEqual([
      'requested',
      'intent',
      'outcome',
      'undo-intent',
      'undo-outcome',
    ]);
  });
});

describe('a mitigation that needs a second person', () => {
  beforeEach(async () => {
    await world.close();
    world = await openWorld({
      mitigations: { needApproval: ['rotate-key'] },
      mayMitigate: { users: ['U0MAYA', 'U0NOAH'] },
    });
    await openBroken('revoked-key');
    await press('mitigation.rotate-key', id);
  });

  it('waits, and is applied when another one approves', async () => {
    expect(await lease()).toMatchObject({ state: 'awaiting-approval' });
    const { id: leaseId = '' } = (await lease()) ?? {};
    await press('mitigation.approve', leaseId);
    expect(await lease()).toMatchObject({ state: 'awaiting-approval' });
    await press('mitigation.approve', leaseId, { user: 'U0NOAH' });
    expect(await lease()).toMatchObject({ state: 'active', approvedBy: 'U0NOAH' });
    expect((await readAudit(world.parts, id)).map(({ step }) => step)).toEqual([
      'requested',
      'approved',
      'intent',
      'outcome',
    ]);
  });

  it('is not applied when it is rejected, nor when nobody answers in time', async () => {
    await press('mitigation.reject', (await lease())?.id ?? '', { user: 'U0NOAH' });
    expect(await lease()).toMatchObject({ state: 'rejected' });
    await press('mitigation.rotate-key', id);
    world.pass(15 * 60_000 + 1);
    await world.settle();
    expect(await lease()).toMatchObject({ state: 'expired' });
    expect(await moves()).toHaveLength(1);
  });
});

describe('a button that is stale', () => {
  it.each(['incident.acknowledge', 'mitigation.rotate-key', 'mitigation.undo', 'evidence.collect', 'incident.triage'])(
    '(%s) is answered, and nothing happens',
    async (action) => {
      await press(action, 'INC-000000-NOTTHERE');
      expect(await whispersTo(world, 'U0MAYA')).toHaveLength(1);
    },
  );
});
