import type { ActionWorld } from '../../lib/actions/action.ts';
import type { ControlProjection } from '../../lib/ports/controls.ts';
import type { Secrets } from '../../lib/ports/secrets.ts';
import type { Store } from '../../lib/ports/store.ts';

/** The process ended here. */
class Crash extends Error {
  override readonly name = 'Crash';
}

export type Gate = <T>(call: () => Promise<T>) => Promise<T>;

const guardStore = (store: Store, gate: Gate): Store => ({
  read: (kind, key) => gate(() => store.read(kind, key)),
  write: (kind, key, record, ifVersion, dueMs) => gate(() => store.write(kind, key, record, ifVersion, dueMs)),
  list: (kind, prefix, options) => gate(() => store.list(kind, prefix, options)),
  due: (kind, beforeMs, limit) => gate(() => store.due(kind, beforeMs, limit)),
});

const guardSecrets = (secrets: Secrets, gate: Gate): Secrets => ({
  labels: (secretId) => gate(() => secrets.labels(secretId)),
  value: (secretId, at) => gate(() => secrets.value(secretId, at)),
  move: (secretId, label, from, to) => gate(() => secrets.move(secretId, label, from, to)),
});

const guardProjection = (projection: ControlProjection, gate: Gate): ControlProjection => ({
  current: (environment, service) => gate(() => projection.current(environment, service)),
  publish: (environment, service, text) => gate(() => projection.publish(environment, service, text)),
});

/** The same world, every call through the gate. */
export const guardWorld = (world: ActionWorld, gate: Gate): ActionWorld => ({
  ...world,
  store: guardStore(world.store, gate),
  secrets: guardSecrets(world.secrets, gate),
  projection: guardProjection(world.projection, gate),
});

/** Ends the process before call number `at` (even: 0, 2, 4, …) or after its effect (odd). */
const crashingGate = (at: number): Gate => {
  let calls = 0;
  return async (call) => {
    const number = calls;
    calls += 1;
    if (at === number * 2) throw new Crash('before');
    const result = await call();
    if (at === number * 2 + 1) throw new Crash('after');
    return result;
  };
};

/** Runs it up to the given point; false when it was over before. */
export const runUntilCrash = async (
  world: ActionWorld,
  at: number,
  run: (world: ActionWorld) => Promise<unknown>,
): Promise<boolean> => {
  try {
    await run(guardWorld(world, crashingGate(at)));
    return false;
  } catch (error) {
    if (error instanceof Crash) return true;
    throw error;
  }
};
