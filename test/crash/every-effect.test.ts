import { describe, expect, it } from 'vitest';
import { type StoryKind, tellStory } from './crash-story.ts';

/* The deterministic twin of the storm: one death right before and right after every single effect of the story, one after the other. */

const KINDS: readonly StoryKind[] = ['rotate-key', 'enable-fallback'];
/** More than the story has; reaching it would mean that it never ends. */
const MOST_EFFECTS = 1_000;

describe.each(KINDS)('the story of %s', (kind) => {
  it('ends as if nobody had died, wherever between two effects somebody dies', async () => {
    let deaths = 0;
    for (let nth = 1; nth <= MOST_EFFECTS; nth += 1) {
      const hasDied = await tellStory(kind, { at: 'effect', nth }).catch((error: unknown) => {
        throw new Error(`at place ${nth}: ${error instanceof Error ? error.message : 'failed'}`, { cause: error });
      });
      if (!hasDied) break;
      deaths = nth;
    }
    process.stdout.write(`${kind}: ${deaths} places to die, none of them changes the end\n`);
    expect(deaths).toBeGreaterThan(100);
    expect(deaths).toBeLessThan(MOST_EFFECTS);
  });
});
