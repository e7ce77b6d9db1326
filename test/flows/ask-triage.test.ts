import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { press } from './press.ts';
import { whispersTo } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** The models list is answered at once; the chat as late as it is told. */
const slowChat = (takesMs: number): void => {
  const { chatOnce } = world.parts.mistral;
  Object.assign(world.parts.mistral, {
    chatOnce: async (...args: Parameters<typeof chatOnce>) => {
      await new Promise((resolve) => setTimeout(resolve, takesMs));
      return chatOnce(...args);
    },
  });
};
const told = (): Promise<readonly string[]> => whispersTo(world, 'U0MAYA');

describe('/mistral-triage', () => {
  it('tells the verdict alone where it comes soon', async () => {
    slowChat(600);
    await press(world, 'command', '');
    expect(await told()).toEqual([expect.stringContaining('Healthy')]);
  });

  it('tells after two seconds what has answered, and then the verdict', async () => {
    slowChat(2_600);
    await press(world, 'command', '');
    expect(await told()).toEqual([
      expect.stringMatching(
        /^Still asking about mistral-api\. Answered so far: ✓ Does the Mistral API answer our key\?/,
      ),
      expect.stringContaining('Healthy'),
    ]);
  });

  it('asks again by the button under its answer, of the same service', async () => {
    await press(world, 'incident.triage', 'ask:staging/mistral-api');
    await press(world, 'incident.triage', 'ask:mistral-api');
    expect(await told()).toEqual([expect.stringContaining('Could not tell'), expect.stringContaining('Healthy')]);
  });

  it('does not answer programs that press its button', async () => {
    await press(world, 'incident.triage', 'ask:mistral-api', { isBot: true });
    expect(await told()).toEqual([expect.stringContaining('Programs may not press')]);
  });
});
