import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../lib/domain/incident.ts';
import { deliverDue } from '../../lib/flows/deliver-due.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { workOnAlerts } from '../../lib/flows/work-on-jobs.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { at, makeAlert, makeArrival } from '../make.ts';
import { shownNotes, shownRoots, whispersTo } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const DAY_S = 86_400;
/** In the order in which they were opened: their ids are drawn by chance. */
const all = async (): Promise<readonly Incident[]> =>
  (await world.parts.store.list('incident', ''))
    .map(({ record }) => record)
    .sort((one, other) => one.createdAt.localeCompare(other.createdAt));
const receive = (jobId: string, seconds: number, change = {}) =>
  receiveAlerts(world.parts, [makeArrival(jobId, seconds, change)]);

let presses = 0;
const putPress = async (action: string, value: string): Promise<void> => {
  const request = { user: 'U0MAYA', team: 'T', channel: 'incidents', messageTs: null, action, value, isBot: false };
  await world.parts.jobs.put([
    { id: `press-${++presses}`, queue: 'jobs', body: { kind: 'slack', acceptedAt: at(0), request } },
  ]);
};
const press = async (action: string, value: string): Promise<void> => {
  await putPress(action, value);
  await world.settle();
};

const openAndResolve = async (change = {}): Promise<string> => {
  const [id = ''] = await receive('first', 0, change);
  await world.settle();
  await press('incident.resolve', id);
  expect((await world.incident(id)).status).toBe('resolved');
  return id;
};

describe('after a person resolved an incident whose alert never came resolved', () => {
  it('a later start reopens it in the same thread', async () => {
    const id = await openAndResolve();
    world.pass(600_000);
    await receive('again', 600, { startedAt: at(590) });
    expect(await all()).toMatchObject([{ id, status: 'investigating', totals: { firing: 1, received: 2 } }]);
    await world.settle();
    expect((await shownNotes(world)).map(({ text }) => text).join('\n')).toContain('Reopened: an alert fires again');
  });

  it('a later start after a week is a new incident', async () => {
    await openAndResolve();
    world.pass(7 * DAY_S * 1_000);
    await receive('again', 7 * DAY_S, { startedAt: at(7 * DAY_S) });
    expect((await all()).map(({ status }) => status)).toEqual(['resolved', 'investigating']);
  });

  it('the same body a day later is a new incident, and within half an hour it stays silent', async () => {
    const id = await openAndResolve({ startedAt: null });
    world.pass(1_200_000);
    await receive('soon', 1_200, { startedAt: null });
    expect(await all()).toMatchObject([{ id, status: 'resolved' }]);
    world.pass(DAY_S * 1_000);
    await receive('later', DAY_S + 1_200, { startedAt: null });
    expect((await all()).map(({ status }) => status)).toEqual(['resolved', 'investigating']);
    await world.settle();
    expect(await shownRoots(world)).toHaveLength(2);
  });
});

describe('two incidents of one group', () => {
  /** The first one resolved, the second open, both of the same group. */
  const openTwo = async (): Promise<readonly [string, string]> => {
    const first = await openAndResolve();
    await receive('over', 30, { state: 'resolved', endedAt: at(30) });
    world.pass(7_200_000);
    const [second = ''] = await receive('second', 7_200, { key: 'key-2', startedAt: at(7_200) });
    await world.settle();
    expect(second).not.toBe(first);
    return [first, second];
  };

  it('are never open at once: who reopens the first hears of the second', async () => {
    const [first, second] = await openTwo();
    await press('incident.reopen', first);
    await press('command', `reopen ${first}`);
    const whispers = (await whispersTo(world, 'U0MAYA')).filter((text) => text.includes(`${second} is open`));
    expect(whispers).toHaveLength(2);
    expect((await world.incident(first)).status).toBe('resolved');
    expect((await world.incident(second)).status).toBe('investigating');
  });

  it('an alert of the first one that fires again goes to the open one', async () => {
    const [first, second] = await openTwo();
    expect(await receive('again', 7_210, { startedAt: at(7_205) })).toEqual([second]);
    expect((await world.incident(second)).totals.firing).toBe(2);
    expect((await world.incident(first)).totals.firing).toBe(0);
  });

  it('a reopened one gets what its group brings from then on', async () => {
    const [first, second] = await openTwo();
    await press('incident.resolve', second);
    await press('incident.reopen', first);
    expect((await world.incident(first)).status).toBe('investigating');
    expect(await receive('third', 7_300, { key: 'key-3', startedAt: at(7_290) })).toEqual([first]);
    expect((await world.incident(second)).status).toBe('resolved');
  });
});

describe('a job that was applied before its worker died', () => {
  const put = async (from: number, to: number): Promise<void> => {
    for (let nth = from; nth < to; nth += 1) {
      const body = { kind: 'alerts', alerts: [makeAlert()], acceptedAt: at(nth), truncated: null } as const;
      await world.parts.jobs.put([{ id: `job-${nth}`, queue: 'jobs', body }]);
    }
  };

  it('is counted once, however many others came before it comes again', async () => {
    await put(0, 50);
    const forgotten = () => Promise.resolve();
    const taken = await world.parts.jobs.take('jobs', 50, 15_000);
    await workOnAlerts(world.parts, taken, { done: forgotten, failed: forgotten });
    await put(50, 600);
    const queue = { queue: 'jobs', atOnce: 50, leaseMs: 15_000 } as const;
    while ((await runQueueOnce(world.parts, queue)) > 0);
    world.pass(16_000);
    while ((await runQueueOnce(world.parts, queue)) > 0);
    const [incident] = await all();
    expect(incident?.totals).toMatchObject({ firing: 1, received: 600 });
    expect(incident?.alerts[0]?.count).toBe(600);
  });
});

describe('while Slack is down', () => {
  it('who must approve still hears of it, after many alerts', async () => {
    await world.close();
    world = await openWorld({ mitigations: { needApproval: ['rotate-key'] } });
    await world.breakMistral('revoked-key');
    const [id = ''] = await receive('first', 0);
    await world.settle();
    await putPress('mitigation.rotate-key', id);
    for (const queue of ['jobs', 'mitigate'] as const)
      await runQueueOnce(world.parts, { queue, atOnce: 50, leaseMs: 15_000 });
    await world.breakSlack('500', 1_000_000);
    for (let nth = 1; nth <= 45; nth += 1) await receive(`more-${nth}`, nth, { key: `key-${nth}` });
    await world.settle();
    await world.breakSlack('ok');
    world.pass(120_000);
    await world.settle();
    const buttons = (await shownNotes(world)).map(({ blocks }) => JSON.stringify(blocks ?? []));
    expect(buttons.filter((text) => text.includes('mitigation.approve'))).toHaveLength(1);
  });

  it('alerts that come before it may be asked again do not ask it', async () => {
    await world.breakSlack('500', 1_000_000);
    let asked = 0;
    const { post, find } = world.parts.chat;
    const count = <A extends readonly unknown[], T>(call: (...given: A) => T) => {
      return (...given: A): T => {
        asked += 1;
        return call(...given);
      };
    };
    const parts = { ...world.parts, chat: { ...world.parts.chat, post: count(post), find: count(find) } };
    await receive('first', 0);
    await deliverDue(parts, 250);
    expect(asked).toBe(1);
    for (let nth = 1; nth <= 5; nth += 1) {
      await receive(`more-${nth}`, nth, { key: `key-${nth}` });
      await deliverDue(parts, 250);
    }
    expect(asked).toBe(1);
    await receive('worse', 9, { key: 'key-9', severity: 'P1' });
    await deliverDue(parts, 250);
    expect(asked).toBe(2);
  });
});
