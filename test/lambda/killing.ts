import { type Fault, PASS } from '../adapters/aws/fault-proxy.ts';
import type { Call, FunctionName } from './stack.ts';

/** A step of an invocation: the so-manieth call that it makes to the world, and whether the world hears of it. */
export type Place = { readonly name: FunctionName; readonly nth: number; readonly heard: boolean };

const keyOf = ({ name, nth, heard }: Place): string => `${name} ${nth} ${heard ? 'after' : 'before'}`;

/** Kills the function that calls, each time at a place where it was not killed yet, until every place that is reached has been one. */
export type Killer = {
  readonly plan: (call: Call) => Promise<Fault>;
  /** Places where it killed. */
  readonly killed: () => readonly string[];
  /** Places of which it knows that they can be reached, and where it did not kill yet. */
  readonly left: () => readonly string[];
  readonly stop: () => void;
};

/** More calls than this one invocation makes only by going on with what others left: places like those before. */
const MOST_CALLS = 40;

export const createKiller = (victims: readonly FunctionName[], kill: () => Promise<void>): Killer => {
  const killed = new Set<string>();
  const reached = new Set<string>();
  let isOn = true;
  /** Of the invocation that runs now. */
  let spared = 0;
  return {
    plan: async ({ by, nth }) => {
      if (!isOn || by === null || !victims.includes(by) || nth > MOST_CALLS) return PASS;
      const places = [true, false].map((heard): Place => ({ name: by, nth, heard }));
      for (const place of places) reached.add(keyOf(place));
      const place = places.find((one) => !killed.has(keyOf(one)));
      if (place === undefined) return PASS;
      // Every other invocation lives, so that work goes on and places further on are reached.
      if (nth === 1) spared += 1;
      if (spared % 2 === 0) return PASS;
      spared += 1;
      killed.add(keyOf(place));
      await kill();
      return { kind: place.heard ? 'drop-after' : 'drop-before' };
    },
    killed: () => [...killed],
    left: () => [...reached].filter((key) => !killed.has(key)),
    stop: () => {
      isOn = false;
    },
  };
};
