import { describe, expect, it } from 'vitest';
import { type StoryKind, tellStory } from './crash-story.ts';
import type { Step } from './mortal.ts';

/* The same promises as under real SIGKILL (test/crash), one death at a time and without chance: real parts, one process, no waiting. */

/** How often each step comes at the least: messages to tell, changes by alerts, a mitigation and its undo. */
const STEPS: readonly (readonly [Step, number])[] = [
  ['saving', 3],
  ['sending', 3],
  ['sent', 3],
  ['intended', 2],
  ['effected', 2],
];
const KINDS: readonly StoryKind[] = ['rotate-key', 'enable-fallback'];

describe.each(KINDS)('a death in the story of %s', (kind) => {
  for (const [step, times] of STEPS)
    for (let nth = 1; nth <= times; nth += 1)
      it(`changes nothing of its end when it comes at ${step} for the ${nth}. time`, async () => {
        expect(await tellStory(kind, { at: step, nth })).toBe(true);
      });
});
