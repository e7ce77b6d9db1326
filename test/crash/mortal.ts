import { createIds } from '../../lib/adapters/system.ts';
import { openState } from '../../lib/app/local-state.ts';
import { deliverDue } from '../../lib/flows/deliver-due.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { wakeTimers } from '../../lib/flows/wake-timers.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import type { Checkpoint } from '../../lib/ports/world.ts';
import type { World } from '../flows/world.ts';

export type Step = Parameters<Checkpoint>[0];

/** When a life ends: at a step that comes for the n-th time, or right before or after the n-th effect of any kind. */
export type Death = { readonly at: Step | 'effect'; readonly nth: number };

/** A life longer than any lease: 30 s for a message, 45 s for a job. */
const LEASES_OVER_MS = 46_000;
const QUEUES = [
  { queue: 'jobs', atOnce: 50, leaseMs: 15_000 },
  { queue: 'mitigate', atOnce: 4, leaseMs: 45_000 },
  { queue: 'triage', atOnce: 4, leaseMs: 45_000 },
] as const;

/**
 * Counts the places where a life may end. Who dies there never comes back from the call, and no later call of the same life returns or
 * has an effect: a thrown error would be caught by the worker, which is a failure and no death.
 */
const openFate = (death: Death | null) => {
  const died = Promise.withResolvers<'died'>();
  let left = death?.nth ?? 0;
  let isDead = false;
  const pass = async (place: Death['at']): Promise<void> => {
    if (!isDead && place === death?.at) {
      left -= 1;
      isDead = left === 0;
    }
    if (!isDead) return;
    died.resolve('died');
    await new Promise(() => undefined);
  };
  return { pass, died: died.promise, reached: () => isDead };
};

type Fate = ReturnType<typeof openFate>;

/** An effect, with a place to die on each side of it. */
const around =
  <Args extends readonly unknown[], Result>(fate: Fate, effect: (...args: Args) => Promise<Result>) =>
  async (...args: Args): Promise<Result> => {
    await fate.pass('effect');
    const result = await effect(...args);
    await fate.pass('effect');
    return result;
  };

/** The parts of one life: a state of its own on the same files, every effect within reach of fate. */
const beBorn = async (world: World, fate: Fate) => {
  const state = await openState(world.folder, world.parts.clock);
  const { chat, people, projection, documents } = world.parts;
  const { store, jobs, secrets } = state;
  const parts: Parts = {
    ...world.parts,
    ids: createIds(),
    checkpoint: fate.pass,
    store: { ...store, write: around(fate, store.write) },
    jobs: {
      put: around(fate, jobs.put),
      take: around(fate, jobs.take),
      done: around(fate, jobs.done),
      later: around(fate, jobs.later),
    },
    secrets: { ...secrets, move: around(fate, secrets.move) },
    projection: { ...projection, publish: around(fate, projection.publish) },
    documents: { ...documents, put: around(fate, documents.put) },
    chat: { ...chat, post: around(fate, chat.post), edit: around(fate, chat.edit), remove: around(fate, chat.remove) },
    people: { ...people, whisper: around(fate, people.whisper) },
  };
  return { parts, close: state.close };
};

/** What the loops of the bot do, one after the other, until nothing is left to do now. */
const workThrough = async (parts: Parts): Promise<'quiet'> => {
  for (let round = 0; round < 60; round += 1) {
    await wakeTimers(parts);
    let done = 0;
    for (const settings of QUEUES) done += await runQueueOnce(parts, settings);
    await deliverDue(parts, 250);
    if (done === 0) return 'quiet';
  }
  throw new Error('the work has no end');
};

/** One death, wherever it falls in the story; before and after it the bot works until all is quiet. `lookAtDeath` sees what it left. */
export const openMortal = (world: World, death: Death, lookAtDeath: () => Promise<void>) => {
  const fate = openFate(death);
  const live = async (): Promise<'quiet' | 'died'> => {
    const ownFate = fate.reached() ? openFate(null) : fate;
    const life = await beBorn(world, ownFate);
    try {
      return await Promise.race([workThrough(life.parts), ownFate.died]);
    } finally {
      await life.close();
    }
  };
  return {
    hasDied: fate.reached,
    /** Works until nothing is left to do; after a death at once, and again when the leases of the dead are over. */
    settle: async (): Promise<void> => {
      if ((await live()) === 'quiet') return;
      await lookAtDeath();
      await live();
      world.pass(LEASES_OVER_MS);
      await live();
    },
  };
};
