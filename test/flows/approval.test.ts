import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAudit } from '../../lib/flows/audit.ts';
import { decideApproval } from '../../lib/flows/decide-approval.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { makeArrival } from '../make.ts';
import { press } from './press.ts';
import { shownNotes, whispersTo } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

const SECRET = 'MISTRAL_SECRET_ID';
const NOAH = { user: 'U0NOAH' };

let world: World;
let id = '';

const openWaiting = async (kind: 'rotate-key' | 'enable-fallback' = 'rotate-key'): Promise<void> => {
  world = await openWorld({
    mitigations: { needApproval: [kind] },
    mayMitigate: { users: ['U0MAYA', 'U0NOAH', 'U0ADA'], groups: [] },
  });
  await world.parts.mistral.chatOnce('test-key-current', 'mistral-small-latest', 2_000);
  await world.breakMistral(kind === 'rotate-key' ? 'revoked-key' : 'error-500');
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  await world.settle();
  await press(world, `mitigation.${kind}`, id);
};

afterEach(() => world.close());

const lease = async () => (await world.incident(id)).mitigations.at(-1);
const leaseId = async (): Promise<string> => (await lease())?.id ?? '';
const current = async () => (await world.parts.secrets.labels(SECRET))?.get('AWSCURRENT');
const decisions = async () =>
  (await readAudit(world.parts, id)).filter(({ step }) => step === 'approved' || step === 'rejected');

/** The one message that asks, as it stands in the thread now. */
const asking = async () => {
  const ofLease = `approval-${await leaseId()}`;
  const found = (await shownNotes(world)).filter(({ metadata }) => metadata?.event_payload['note_id'] === ofLease);
  expect(found).toHaveLength(1);
  return { text: found[0]?.text ?? '', json: JSON.stringify(found[0]?.blocks) };
};

class Died extends Error {}

const dyingOnAudit = (): Parts => {
  const { store } = world.parts;
  return {
    ...world.parts,
    store: {
      ...store,
      write: async (kind, key, record, ifVersion, dueMs) => {
        if (kind === 'audit') throw new Died();
        return store.write(kind, key, record, ifVersion, dueMs);
      },
    },
  };
};

const request = (user: string, value: string) => {
  const asked = {
    user,
    team: 'T0TRIAGE',
    channel: 'C0INCIDENTS',
    messageTs: null,
    action: 'mitigation.approve',
    value,
    isBot: false,
  };
  const body = { kind: 'slack', request: asked, acceptedAt: '' } as const;
  return { job: { id: `${user} ${value}`, queue: 'jobs', body } as const, request: asked };
};

/** Slack knows everybody who is named: the embedded workspace has but two people who may press. */
const knowing = (): Parts => ({
  ...world.parts,
  people: { ...world.parts.people, person: () => Promise.resolve({ name: 'Ada', isBot: false, isRestricted: false }) },
});

describe('the message that asks for an approval', () => {
  beforeEach(() => openWaiting());

  it('has its buttons while it waits', async () => {
    expect((await asking()).json).toMatch(/mitigation\.approve.*mitigation\.reject/);
  });

  it.each([
    ['mitigation.approve', /approved by <@U0NOAH>, done/],
    ['mitigation.reject', /rejected, nothing was changed/],
  ])('shows what %s did in the place of the buttons', async (action, says) => {
    await press(world, action, await leaseId(), NOAH);
    const { text, json } = await asking();
    expect(json).not.toContain('mitigation.approve');
    expect(json).not.toContain('mitigation.reject');
    expect(text).toMatch(says);
  });

  it('shows that nobody approved in time, and a later undo', async () => {
    world.pass(15 * 60_000 + 1);
    await world.settle();
    expect((await asking()).json).toContain('obody approved it in time');
    expect((await asking()).json).not.toContain('mitigation.approve');
    await press(world, 'mitigation.rotate-key', id);
    await press(world, 'mitigation.approve', await leaseId(), NOAH);
    await press(world, 'mitigation.undo', await leaseId());
    expect((await asking()).text).toContain('approved by <@U0NOAH>, undone');
  });

  it('is brought to the decision that was made while Slack was down', async () => {
    await world.breakSlack('500');
    const asked = await leaseId();
    await decideApproval(knowing(), request('U0NOAH', asked), true);
    await world.settle();
    await world.breakSlack('ok');
    for (let round = 0; round < 5; round += 1) {
      world.pass(61_000);
      await world.settle();
    }
    expect(await lease()).toMatchObject({ state: 'active' });
    expect((await asking()).json).not.toContain('mitigation.approve');
  });
});

describe('an approval', () => {
  beforeEach(() => openWaiting());

  it('of a mitigation whose incident was resolved meanwhile is refused, and the key stays', async () => {
    const before = await current();
    await press(world, 'command', `resolve ${id} anyway`);
    expect((await world.incident(id)).status).toBe('resolved');
    await press(world, 'mitigation.approve', await leaseId(), NOAH);
    expect(await current()).toBe(before);
    expect((await whispersTo(world, 'U0NOAH')).at(-1)).toContain('is resolved');
    expect(await decisions()).toEqual([]);
    expect(await lease()).toMatchObject({ state: 'expired', approvedBy: null });
    const { text, json } = await asking();
    expect(json).not.toContain('mitigation.approve');
    expect(text).toContain('not approved, nothing was changed');
    expect((await world.incident(id)).timers.filter(({ kind }) => kind === 'approval-end')).toEqual([]);
  });

  it('that was given before the incident was resolved, and not yet worked on, changes nothing', async () => {
    const before = await current();
    await decideApproval(world.parts, request('U0NOAH', await leaseId()), true);
    await press({ ...world, settle: async () => undefined }, 'command', `resolve ${id} anyway`);
    await runQueueOnce(world.parts, { queue: 'jobs', atOnce: 50, leaseMs: 15_000 });
    expect((await world.incident(id)).status).toBe('resolved');
    await world.settle();
    expect(await current()).toBe(before);
    expect(await lease()).toMatchObject({ state: 'expired', approvedBy: 'U0NOAH' });
    expect((await asking()).text).toContain('not started, nothing was changed');
  });

  it('and a rejection at once end in one decision, and one alone is audited', async () => {
    const asked = await leaseId();
    await Promise.all([
      decideApproval(knowing(), request('U0NOAH', asked), true),
      decideApproval(knowing(), request('U0ADA', asked), false),
    ]);
    await world.settle();
    const [only, ...others] = await decisions();
    expect(others).toEqual([]);
    expect((await lease())?.state).toBe(only?.step === 'approved' ? 'active' : 'rejected');
  });

  it('is not followed by a rejection', async () => {
    const asked = await leaseId();
    await decideApproval(world.parts, request('U0NOAH', asked), true);
    expect((await decideApproval(knowing(), request('U0ADA', asked), false))?.text).toContain('already approved');
    await world.settle();
    expect((await decisions()).map(({ step, actor }) => [step, actor])).toEqual([['approved', 'U0NOAH']]);
    expect(await lease()).toMatchObject({ state: 'active' });
  });

  it.each([true, false])(
    '(%s) that was decided before a crash is audited when the press comes again, Slack or not',
    async (approves) => {
      const asked = await leaseId();
      await expect(decideApproval(dyingOnAudit(), request('U0NOAH', asked), approves)).rejects.toThrow(Died);
      expect(await decisions()).toEqual([]);
      await world.breakSlack('500');
      expect(await decideApproval(world.parts, request('U0NOAH', asked), approves)).toBeNull();
      await world.breakSlack('ok');
      world.pass(61_000);
      await world.settle();
      expect((await decisions()).map(({ step, actor }) => [step, actor])).toEqual([
        [approves ? 'approved' : 'rejected', 'U0NOAH'],
      ]);
      expect(await lease()).toMatchObject({ state: approves ? 'active' : 'rejected' });
    },
  );

  it('whose press was lost in a crash is audited before anything is changed', async () => {
    await expect(decideApproval(dyingOnAudit(), request('U0NOAH', await leaseId()), true)).rejects.toThrow(Died);
    world.pass(15 * 60_000 + 1);
    await world.settle();
    expect((await readAudit(world.parts, id)).map(({ step }) => step)).toEqual([
      'requested',
      'approved',
      'intent',
      'outcome',
    ]);
  });
});

describe('a fallback that waits for its approval', () => {
  beforeEach(() => openWaiting('enable-fallback'));

  it('loses none of its minutes by waiting', async () => {
    expect((await asking()).json).toContain('60 minutes after it is approved');
    expect((await lease())?.expiresAt).toBeNull();
    world.pass(10 * 60_000);
    await press(world, 'mitigation.approve', await leaseId(), NOAH);
    const endsMs = Date.parse((await lease())?.expiresAt ?? '');
    expect(endsMs - world.parts.clock.nowMs()).toBe(60 * 60_000);
    expect(JSON.parse((await world.parts.projection.current('production', 'mistral-api')) ?? '')).toMatchObject({
      fallback: true,
      expiresAt: (await lease())?.expiresAt,
    });
  });
});
