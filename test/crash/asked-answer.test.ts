import { describe, expect, it } from 'vitest';
import type { SlackRequest } from '../../lib/domain/job.ts';
import { shownAnswers } from '../flows/slack-view.ts';
import { openWorld, type World } from '../flows/world.ts';
import { at } from '../make.ts';
import { openMortal } from './mortal.ts';

/* `/mistral-triage`, and the button under its answer, with a death right before and after each effect, one at a time and without chance. */

/** More than the story has; reaching it would mean that it never ends. */
const MOST_EFFECTS = 300;

const ask = (world: World, id: string, seconds: number, change: Partial<SlackRequest>): Promise<void> => {
  const request: SlackRequest = {
    user: 'U0MAYA',
    team: 'T0TRIAGE',
    channel: 'C0INCIDENTS',
    messageTs: null,
    action: 'command',
    value: '',
    isBot: false,
    ...change,
  };
  return world.parts.jobs.put([
    { id, queue: 'jobs', body: { kind: 'slack', request, acceptedAt: at(seconds) } },
    {
      id: `progress-of-${id}`,
      queue: 'jobs',
      body: {
        kind: 'triage-progress',
        answered: [],
        nth: 1,
        deadlineMs: 5_000,
        service: 'mistral-api',
        channel: request.channel,
        user: request.user,
        answer: {
          id: request.messageTs === null ? id : `${request.channel}:${request.messageTs}`,
          messageTs: request.messageTs,
          askedAt: at(seconds),
        },
      },
    },
  ]);
};

const theAnswer = async (world: World): Promise<string> => {
  const [message, ...others] = await shownAnswers(world);
  expect(others).toEqual([]);
  expect(message?.text).toContain('Healthy');
  return message?.ts ?? '';
};

/** Returns whether the story was long enough for the death. */
const tellStory = async (nth: number): Promise<boolean> => {
  const world = await openWorld();
  try {
    const mortal = openMortal(world, { at: 'effect', nth }, () => Promise.resolve());
    await ask(world, 'asked-1', 0, {});
    await mortal.settle();
    const ts = await theAnswer(world);
    await ask(world, 'asked-2', 60, { action: 'incident.triage', value: 'ask:mistral-api', messageTs: ts });
    await mortal.settle();
    expect(await theAnswer(world)).toBe(ts);
    expect(await world.state.jobs.deadLetters()).toEqual([]);
    return mortal.hasDied();
  } finally {
    await world.close();
  }
};

describe('an answer in the channel', () => {
  it('is one message and ends as the verdict, whichever effect was the last of a life', async () => {
    let deaths = 0;
    for (let nth = 1; nth <= MOST_EFFECTS; nth += 1) {
      const hasDied = await tellStory(nth).catch((error: unknown) => {
        throw new Error(`at place ${nth}: ${error instanceof Error ? error.message : 'failed'}`, { cause: error });
      });
      if (!hasDied) break;
      deaths = nth;
    }
    expect(deaths).toBeGreaterThan(40);
    expect(deaths).toBeLessThan(MOST_EFFECTS);
  });
});
