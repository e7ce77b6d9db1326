import { afterEach, expect, it } from 'vitest';
import { createIds, systemClock, systemWait } from '../../lib/adapters/system.ts';
import type { ConfigInput } from '../../lib/config.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { checkRoutinely } from '../../lib/flows/watch-recovery.ts';
import { type Bot, runBot } from '../../lib/local/run-bot.ts';
import { openWorld, type World } from '../flows/world.ts';
import { makeAlert } from '../make.ts';

const LIMIT_MS = 15_000;
const MODELS = ['mistral-small-latest'];

const eventually = async (what: string, look: () => boolean | Promise<boolean>): Promise<void> => {
  const endMs = Date.now() + LIMIT_MS;
  while (!(await look())) {
    if (Date.now() > endMs) throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

let world: World;
let parts: Parts;
let bot: Bot | null = null;
let calls = { all: 0, now: 0, most: 0 };
/** Those without an answer, counted from 1. */
const unanswered = new Set<number>();
afterEach(async () => {
  await bot?.stop();
  bot = null;
  await world.close();
});

/** The real parts on the real clock, a Mistral that takes every call and answers none, and a count of the chats it was asked for. */
const open = async (services: ConfigInput['services'], probeDeadlineMs: number): Promise<void> => {
  world = await openWorld({ services, intervals: { probeDeadlineMs } });
  await world.breakMistral('hang');
  calls = { all: 0, now: 0, most: 0 };
  unanswered.clear();
  const { mistral } = world.parts;
  parts = {
    ...world.parts,
    clock: systemClock,
    wait: systemWait,
    ids: createIds(),
    nudge: (ids) => bot?.nudge(ids),
    mistral: {
      ...mistral,
      chatOnce: async (key, model, timeoutMs) => {
        calls = { all: calls.all + 1, now: calls.now + 1, most: Math.max(calls.most, calls.now + 1) };
        const nth = calls.all;
        unanswered.add(nth);
        const answer = await mistral.chatOnce(key, model, timeoutMs);
        unanswered.delete(nth);
        calls = { ...calls, now: calls.now - 1 };
        return answer;
      },
    },
  };
};

const postAlerts = (services: readonly string[]): Promise<void> =>
  parts.jobs.put(
    services.map((service, nth) => ({
      id: `job-${nth}`,
      queue: 'jobs',
      body: {
        kind: 'alerts',
        acceptedAt: new Date().toISOString(),
        truncated: null,
        alerts: [makeAlert({ key: `${nth}`, group: `${nth}`, service, startedAt: null })],
      },
    })),
  );

const diagnosed = async (): Promise<number> =>
  (await parts.store.list('incident', '')).filter(({ record }) => record.diagnosis !== null).length;

it('diagnoses fifty incidents of one service with a few questions while Mistral hangs', async () => {
  await open([{ name: 'mistral-api', models: MODELS }], 1_000);
  bot = runBot(parts, world.state.jobs);
  await postAlerts(Array.from({ length: 50 }, () => 'mistral-api'));
  await eventually('all are diagnosed', async () => (await diagnosed()) === 50);
  // The routine check, the first incidents, and those that came after their question.
  expect(calls.all).toBeLessThanOrEqual(3);
});

it('asks about the services of many incidents at once, not a few at a time', async () => {
  const names = Array.from({ length: 12 }, (_, nth) => `service-${nth}`);
  await open(
    names.map((name) => ({ name, models: MODELS })),
    1_000,
  );
  bot = runBot(parts, world.state.jobs);
  await eventually('the routine check asks', () => calls.now === names.length);
  await postAlerts(names.flatMap((name) => [name, name]));
  // What the routine check asked before the alerts says nothing about them.
  const again = names.map((_name, nth) => names.length + nth + 1);
  await eventually('all are asked about again', () => again.every((nth) => unanswered.has(nth)));
  await eventually('all are diagnosed', async () => (await diagnosed()) === 2 * names.length);
  expect(calls.all).toBe(2 * names.length);
});

it('spends one deadline on a routine check however many services hang', async () => {
  const names = Array.from({ length: 5 }, (_, nth) => `service-${nth}`);
  await open(
    names.map((name) => ({ name, models: MODELS })),
    300,
  );
  await checkRoutinely(parts);
  expect(calls).toEqual({ all: 5, now: 0, most: 5 });
  expect(Object.keys((await parts.store.read('check', 'routine'))?.record.services ?? {})).toHaveLength(5);
});

it('puts one routine check for each slot of the clock, however often it starts', async () => {
  await open([{ name: 'mistral-api', models: MODELS }], 300);
  const ids: string[] = [];
  const { put } = parts.jobs;
  const counted = {
    ...parts,
    jobs: {
      ...parts.jobs,
      put: (...args: Parameters<typeof put>) => {
        ids.push(...args[0].flatMap(({ id, body }) => (body.kind === 'routine-check' ? [id] : [])));
        return put(...args);
      },
    },
  };
  const slot = (): number => Math.floor(Date.now() / parts.settings.routineMs);
  const before = slot();
  for (const _start of ['first', 'second']) {
    const many = ids.length;
    bot = runBot(counted, world.state.jobs);
    await eventually('it puts its check', () => ids.length > many);
    await bot.stop();
  }
  bot = null;
  const expected = [`routine:${before}`, `routine:${slot()}`];
  expect(ids.every((id) => expected.includes(id))).toBe(true);
});
