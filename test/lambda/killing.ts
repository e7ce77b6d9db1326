import { type Fault, PASS } from '../adapters/aws/fault-proxy.ts';
import type { Call, FunctionName } from './stack.ts';

/** A step of an invocation: the so-manieth call that it makes to the world, and whether the world hears of it. */
type Place = { readonly name: FunctionName; readonly nth: number; readonly heard: boolean };

const keyOf = ({ name, nth, heard }: Place): string => `${name} ${nth} ${heard ? 'after' : 'before'}`;

/** Kills the function that calls, each time at a place where it was not killed yet, until every place that is reached has been one. */
export type Killer = {
  readonly plan: (call: Call) => Promise<Fault>;
  /** Places where it killed. */
  readonly killed: () => readonly string[];
  /** Places that were reached, and where it did not kill yet. */
  readonly left: () => readonly string[];
  readonly stop: () => void;
};

/** More calls than this one invocation makes only by going on with what others left: places like those before. */
const MOST_CALLS = 40;

export const createKiller = (victims: readonly FunctionName[], kill: () => Promise<void>): Killer => {
  const reached = new Map<string, Place>();
  const killed = new Set<string>();
  let isOn = true;
  let invocations = 0;
  let target: Place | null = null;
  const nextOf = (name: FunctionName): Place | null =>
    [...reached.values()].find((place) => place.name === name && !killed.has(keyOf(place))) ?? null;
  return {
    plan: async ({ by, nth }) => {
      if (!isOn || by === null || !victims.includes(by) || nth > MOST_CALLS) return PASS;
      for (const heard of [true, false]) reached.set(keyOf({ name: by, nth, heard }), { name: by, nth, heard });
      if (nth === 1) {
        invocations += 1;
        // Every third invocation lives, so that work goes on and places further on are reached.
        target = invocations % 3 === 0 ? null : nextOf(by);
      }
      if (target?.name !== by || target.nth !== nth) return PASS;
      const { heard } = target;
      killed.add(keyOf(target));
      target = null;
      await kill();
      return { kind: heard ? 'drop-after' : 'drop-before' };
    },
    killed: () => [...killed],
    left: () => [...reached.keys()].filter((key) => !killed.has(key)),
    stop: () => {
      isOn = false;
    },
  };
};
