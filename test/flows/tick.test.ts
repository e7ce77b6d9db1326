import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setTimer } from '../../lib/domain/incident-change.ts';
import type { QueueName } from '../../lib/domain/job.ts';
import { changeStored } from '../../lib/flows/change-incident.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { tellNudged } from '../../lib/flows/tell-nudged.ts';
import { tick } from '../../lib/flows/tick.ts';
import { makeArrival } from '../make.ts';
import { openWorld, type World } from './world.ts';

let world: World;
const logged: string[] = [];
beforeEach(async () => {
  logged.length = 0;
  world = await openWorld({}, { log: (event) => void logged.push(event) });
});
afterEach(() => world.close());

const open = async (name: string): Promise<string> => {
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival(`job-${name}`, 0, { key: name, group: name })]);
  return id;
};
const take = async (queue: QueueName) => (await world.parts.jobs.take(queue, 50, 1_000)).map(({ body }) => body);
const setRecheck = (id: string, inMs: number) =>
  changeStored(world.parts, id, (incident) => ({
    incident: {
      ...incident,
      timers: setTimer([], { kind: 'recheck', dueMs: world.parts.clock.nowMs() + inMs, refId: null }),
    },
    answer: null,
  }));

describe('a tick', () => {
  it('of an idle bot asks for the routine check alone, once for its slot of the clock, and says that the watcher lives', async () => {
    await tick(world.parts);
    await tick(world.parts);
    expect(await take('triage')).toEqual([{ kind: 'routine-check' }]);
    expect(await take('jobs')).toEqual([]);
    expect(logged.filter((event) => event === 'clock.ticked')).toHaveLength(2);
  });

  it('puts what comes due before the next one with the time that remains, and nothing later', async () => {
    const [soon, late] = [await open('soon'), await open('late')];
    await setRecheck(soon, 40_000);
    await setRecheck(late, 70_000);
    await tick(world.parts);
    expect(await take('triage')).toEqual([{ kind: 'routine-check' }]);
    world.pass(39_000);
    expect(await take('triage')).not.toContainEqual({ kind: 'recheck', incidentId: soon });
    world.pass(1_000);
    expect(await take('triage')).toContainEqual({ kind: 'recheck', incidentId: soon });
    world.pass(3_600_000);
    expect(await take('triage')).not.toContainEqual({ kind: 'recheck', incidentId: late });
  });

  it('finds what a dead worker left untold, and what Slack did not take when its time comes', async () => {
    const [untold, waiting, late] = [await open('untold'), await open('waiting'), await open('late')];
    const postpone = (id: string, byMs: number) => {
      const notBeforeMs = world.parts.clock.nowMs() + byMs;
      return changeStored(world.parts, id, (incident) => ({
        incident: { ...incident, outbox: { ...incident.outbox, notBeforeMs } },
        answer: null,
      }));
    };
    await postpone(waiting, 60_000);
    await postpone(late, 70_000);
    await tick(world.parts);
    await tick(world.parts);
    expect(await take('jobs')).toEqual([{ kind: 'tell', incidentId: untold }]);
    world.pass(60_000);
    expect(await take('jobs')).toContainEqual({ kind: 'tell', incidentId: waiting });
    world.pass(3_600_000);
    expect(await take('jobs')).not.toContainEqual({ kind: 'tell', incidentId: late });
  });

  it('asks once a minute that notices which wait are told', async () => {
    const nowMs = world.parts.clock.nowMs();
    const notice = {
      id: 'q1',
      source: 'sns',
      integration: 'default',
      acceptedAt: new Date(nowMs).toISOString(),
      contentType: 'text/plain',
      bytes: 1,
      why: 'no JSON',
    };
    await world.parts.store.write('quarantine', notice.id, notice, 0, nowMs);
    await tick(world.parts);
    world.pass(59_000);
    await tick(world.parts);
    expect(await take('jobs')).toEqual([{ kind: 'tell-quarantines' }]);
    world.pass(1_000);
    await tick(world.parts);
    expect(await take('jobs')).toContainEqual({ kind: 'tell-quarantines' });
  });

  it('sees the checks behind a thousand incidents that wait for Slack, and says when it cannot see all', async () => {
    const late = await open('late');
    const { store } = world.parts;
    const due =
      (waiting: number): typeof store.due =>
      async (kind, beforeMs, limit) => {
        const others = Array.from({ length: waiting }, (_, nth) => ({ key: `INC-${nth}`, dueMs: 0 }));
        return kind === 'incident' ? [...others, { key: late, dueMs: beforeMs }].slice(0, limit) : [];
      };
    await tick({ ...world.parts, store: { ...store, due: due(1_000) } });
    expect(await take('triage')).toContainEqual({ kind: 'recheck', incidentId: late });
    expect(logged).not.toContain('clock.round-full');
    await tick({ ...world.parts, store: { ...store, due: due(3_000) } });
    expect(logged).toContain('clock.round-full');
  });

  it('whose store is gone says so, does the rest, and does not say that the watcher lives', async () => {
    const store = { ...world.parts.store, due: () => Promise.reject(new Error('throttled')) };
    await expect(tick({ ...world.parts, store })).rejects.toThrow(/3 of 4/);
    expect(logged).toContain('clock.failed');
    expect(logged).not.toContain('clock.ticked');
    expect(await take('triage')).toEqual([{ kind: 'routine-check' }]);
  });
});

describe('after the work of one invocation', () => {
  it('Slack shows what changed, and the check of it is on its way', async () => {
    const id = await open('one');
    await tellNudged(world.parts, [id], world.parts.clock.nowMs() + 10_000);
    expect((await world.incident(id)).outbox.notBeforeMs).toBeNull();
    expect(await take('triage')).toEqual([{ kind: 'recheck', incidentId: id }]);
    expect(await take('jobs')).toEqual([]);
  });

  it('what Slack does not take waits for the schedule, and begins no chain of jobs, however often it changes', async () => {
    const ids = [await open('one'), await open('two')];
    await world.breakSlack('500');
    for (let changes = 0; changes < 3; changes += 1) {
      const startedMs = world.parts.clock.nowMs();
      await tellNudged(world.parts, ids, startedMs + 10_000);
      expect(world.parts.clock.nowMs() - startedMs).toBeLessThanOrEqual(10_000);
    }
    world.pass(3_600_000);
    expect(await take('jobs')).toEqual([]);
    await tick(world.parts);
    const waiting = await take('jobs');
    expect(waiting.map((body) => ('incidentId' in body ? body.incidentId : '')).toSorted()).toEqual(ids.toSorted());
  });

  it('what Slack did not take the first time is told by the same invocation when Slack is well again soon', async () => {
    const id = await open('one');
    await world.breakSlack('500', 1);
    await tellNudged(world.parts, [id], world.parts.clock.nowMs() + 60_000);
    expect((await world.incident(id)).outbox.notBeforeMs).toBeNull();
    expect(await take('jobs')).toEqual([]);
  });

  it('whose turn in its channel has not come by the end comes again as a job of its own', async () => {
    const ids = [await open('one'), await open('two'), await open('three')];
    const settings = { ...world.parts.settings, pace: { messageMs: 60_000, editMs: 0, editsPerMinute: 60_000 } };
    await tellNudged({ ...world.parts, settings }, ids, world.parts.clock.nowMs() + 10_000);
    world.pass(60_000);
    expect(await take('jobs')).toHaveLength(2);
  });

  it('nothing changed costs nothing', async () => {
    const store = { ...world.parts.store, read: () => Promise.reject(new Error('was read')) };
    await tellNudged({ ...world.parts, store }, [], 0);
  });
});
