import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNudged } from '../../lib/app/aws/nudged.ts';
import { passOn } from '../../lib/app/aws/pass-on.ts';
import { putOnce } from '../../lib/app/aws/put-once.ts';
import type { Job } from '../../lib/domain/job.ts';
import { handleTriageJob } from '../../lib/flows/handle-triage-job.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { wakeChanged } from '../../lib/flows/tell-nudged.ts';
import { wakeTimers } from '../../lib/flows/wake-timers.ts';
import { checkForPerson, recheckIncident } from '../../lib/flows/watch-recovery.ts';
import type { Jobs } from '../../lib/ports/jobs.ts';
import { makeArrival } from '../make.ts';
import { createAgenda } from './agenda.ts';
import { press } from './press.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const MINUTE_MS = 60_000;
/** Reading and writing the table, putting a job. */
const TABLE_MS = 5;
const QUEUE_MS = 8;

type Life = { readonly probeMs: number; readonly jitterMs: number; readonly minutes: number };

/** Functions that know of each other only through the table and the queue: a door, the clock, a worker and five of triage. */
const live = async ({ probeMs, jitterMs, minutes }: Life) => {
  const agenda = createAgenda(world.parts.clock.nowMs());
  const { wait, clock, random } = agenda;
  const { store, mistral } = world.parts;
  const answers = {
    models: await mistral.listModels('test-key-current', 2_000),
    chat: await mistral.chatOnce('test-key-current', 'mistral-small-latest', 2_000),
  };
  const ready: Job[] = [];
  const count = { chats: 0, tells: 0 };
  const put: Jobs['put'] = async (jobs, { delayMs = 0 } = {}) => {
    await wait(QUEUE_MS);
    for (const job of jobs) {
      if (job.body.kind === 'tell') tell(job.body.incidentId);
      else agenda.at(Math.ceil(delayMs / 1_000) * 1_000 + random() * jitterMs, () => void ready.push(job));
    }
  };
  const openProcess = () => {
    const nudged = createNudged();
    const parts: Parts = {
      ...world.parts,
      clock,
      wait,
      nudge: nudged.add,
      jobs: putOnce({ ...world.parts.jobs, put }, clock),
      // A store of its own, so that questions are not shared as they are within one process.
      store: {
        ...store,
        read: async (kind, key) => {
          await wait(TABLE_MS);
          return store.read(kind, key);
        },
        write: async (...args: Parameters<typeof store.write>) => {
          await wait(TABLE_MS);
          return store.write(...args);
        },
      },
      mistral: {
        ...mistral,
        listModels: async () => {
          await wait(probeMs / 2);
          return answers.models;
        },
        chatOnce: async () => {
          count.chats += 1;
          await wait(probeMs * (0.7 + 0.6 * random()));
          return answers.chat;
        },
      },
    };
    return { nudged, parts };
  };
  const [door, ticking, worker] = [openProcess(), openProcess(), openProcess()];
  const idle = Array.from({ length: 5 }, openProcess);
  const tell = (incidentId: string): void => {
    count.tells += 1;
    agenda.begin(() => wakeChanged(worker.parts, [incidentId]));
  };
  agenda.begin(async () => {
    const ids = await receiveAlerts(door.parts, [makeArrival('job-1', 0)]);
    await wakeChanged(door.parts, ids);
  });
  agenda.every(MINUTE_MS, () => agenda.begin(() => wakeTimers(ticking.parts, { aheadMs: 65_000 })));
  agenda.every(20, () => {
    const one = idle.length > 0 ? ready.shift() : undefined;
    const free = one && idle.shift();
    if (!one || !free) return;
    agenda.begin(async () => {
      await handleTriageJob(free.parts, { ...one, attempt: 1, receipt: '' });
      await passOn(free.parts, free.nudged.take());
      idle.push(free);
    });
  });
  await agenda.run(minutes * MINUTE_MS);
  return count;
};

describe('the checks of an open incident', () => {
  it.each([
    ['quickly', { probeMs: 300, jitterMs: 200 }],
    ['as usual', { probeMs: 800, jitterMs: 100 }],
    ['slowly', { probeMs: 9_000, jitterMs: 300 }],
  ])(
    'stay one each half minute while Mistral answers %s, whoever puts their jobs',
    { timeout: 30_000 },
    async (_how, life) => {
      const minutes = 40;
      const { chats } = await live({ ...life, minutes });
      expect(chats).toBeLessThanOrEqual(minutes * 2 * 1.1);
      expect(chats).toBeGreaterThan(minutes);
    },
  );
});

describe('a check that was claimed', () => {
  const open = async (): Promise<string> => {
    const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
    return id;
  };
  const due = async (id: string) => (await world.incident(id)).timers.find(({ kind }) => kind === 'recheck')?.dueMs;

  it('and was not finished, because its process died, is found a minute later', async () => {
    const id = await open();
    const died = new Promise<never>(() => undefined);
    const { promise, resolve: begun } = Promise.withResolvers<void>();
    const value = () => {
      begun();
      return died;
    };
    void recheckIncident({ ...world.parts, secrets: { ...world.parts.secrets, value } }, id);
    await promise;
    expect(await due(id)).toBe(world.parts.clock.nowMs() + 60_000);
    world.pass(60_000);
    const { store } = world.parts;
    await recheckIncident({ ...world.parts, store: { ...store } }, id);
    expect((await world.incident(id)).diagnosis).not.toBeNull();
  });

  it('and failed may be tried again at once', async () => {
    const id = await open();
    const broken = { ...world.parts.store, list: world.parts.store.list };
    const read: typeof broken.read = (kind, key) =>
      kind === 'probing' ? Promise.reject(new Error('throttled')) : world.parts.store.read(kind, key);
    await expect(recheckIncident({ ...world.parts, store: { ...broken, read } }, id)).rejects.toThrow('throttled');
    expect((await world.incident(id)).diagnosis).toBeNull();
    await recheckIncident(world.parts, id);
    expect((await world.incident(id)).diagnosis).not.toBeNull();
  });
});

describe('an incident that nothing has changed for a day', () => {
  const nextInMs = async (id: string) => {
    const next = (await world.incident(id)).timers.find(({ kind }) => kind === 'recheck');
    return (next?.dueMs ?? 0) - world.parts.clock.nowMs();
  };
  const openOld = async (): Promise<string> => {
    await world.breakMistral('error-500');
    const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
    await world.settle();
    world.pass(24 * 60 * MINUTE_MS);
    await world.settle();
    expect(await nextInMs(id)).toBe(15 * MINUTE_MS);
    return id;
  };
  const alert = (jobId: string, key: string) =>
    receiveAlerts(world.parts, [makeArrival(jobId, 24 * 3_600 + 1, { key, startedAt: null })]);

  it.each([
    ['an alert joined', () => alert('job-2', 'key-2')],
    ['a person acknowledged it', (id: string) => press(world, 'incident.acknowledge', id)],
    ['a person asked for a check', (id: string) => checkForPerson(world.parts, id, 'U0MAYA')],
  ])('is checked within half a minute when %s', async (_what, change) => {
    const id = await openOld();
    world.pass(1_000);
    await change(id);
    expect(await nextInMs(id)).toBeLessThanOrEqual(30_000);
    expect(await nextInMs(id)).toBeGreaterThan(0);
  });

  it('is left alone by a repeat of its alert', async () => {
    const id = await openOld();
    await alert('job-2', 'key-1');
    expect(await nextInMs(id)).toBe(15 * MINUTE_MS);
  });
});
