import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnswerMessage, Job } from '../../lib/domain/job.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { type Answer, tellAnswer } from '../../lib/flows/tell-answer.ts';
import { at, makeDiagnosis } from '../make.ts';
import { shownAnswers, whispersTo } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

const LEASE_OVER_MS = 31_000;

let world: World;
const logged: string[] = [];
beforeEach(async () => {
  logged.length = 0;
  world = await openWorld({}, { log: (event) => void logged.push(event) });
});
afterEach(() => world.close());

const FIRST: AnswerMessage = { id: 'asked-1', messageTs: null, askedAt: at(0) };
const PLACE = { channel: 'C0INCIDENTS', user: 'U0MAYA', service: 'mistral-api' };

const progress = (nth: number, answer = FIRST): Answer => ({
  kind: 'triage-progress',
  answered: Array.from({ length: nth }, (_, index) => ({
    name: `chat:${index}`,
    question: `Does model ${index + 1} answer?`,
    outcome: 'ok',
    latencyMs: 10,
  })),
  nth,
  openCount: 3,
  deadlineMs: 15_000,
  answer,
  ...PLACE,
});
const verdict = (answer = FIRST, cause = 'All is well.'): Answer => ({
  kind: 'verdict',
  diagnosis: makeDiagnosis('healthy', 'healthy', { cause }),
  answer,
  ...PLACE,
});

const tell = (body: Answer, parts: Parts = world.parts): Promise<void> => tellAnswer(parts, body);
const withChat = (chat: Partial<Parts['chat']>): Parts => ({ ...world.parts, chat: { ...world.parts.chat, ...chat } });
/** One word for each message. */
const shown = async (): Promise<readonly string[]> =>
  (await shownAnswers(world)).map(({ blocks }) => {
    const said = JSON.stringify(blocks);
    const [, last] = said.match(/.*Does model (\d)/) ?? [];
    if (last !== undefined) return `progress ${last}`;
    return said.includes('Asking again') ? 'asking again' : (/(All is well|Still well)/.exec(said)?.[1] ?? said);
  });
/** What was put off, until nothing is. */
const passMinutes = async (): Promise<void> => {
  for (let second = 0; second < 180; second += 5) {
    world.pass(5_000);
    await world.settle();
  }
};
const killed = () => Promise.reject(new Error('killed'));

describe('the message of an answer', () => {
  it('ends as the verdict, in whatever order its jobs come and however often', async () => {
    const [one, two, last] = [1, 2, 3] as const;
    const orders = [
      [one, two, last],
      [one, last, two],
      [two, one, last],
      [two, last, one],
      [last, one, two],
      [last, two, one],
      [last, last, one, one],
    ];
    for (const [index, order] of orders.entries())
      for (const which of order) {
        const answer = { ...FIRST, id: `asked-${index}` };
        await tell(which === last ? verdict(answer) : progress(which, answer));
      }
    expect(await shown()).toEqual(orders.map(() => 'All is well'));
  });

  it('fills, and does not go back to what was known before', async () => {
    for (const nth of [1, 2, 1]) await tell(progress(nth));
    expect(await shown()).toEqual(['progress 2']);
    expect(JSON.stringify(await shownAnswers(world))).toMatch(/3 answers are still to come\..*Asked by <@U0MAYA>/);
  });

  it('keeps its distance between progress and progress, and lets nobody wait so for the verdict', async () => {
    const pace = { ...world.parts.settings.pace, editMs: 2_000 };
    const paced = { ...world.parts, settings: { ...world.parts.settings, pace } };
    for (const nth of [1, 2, 3]) await tell(progress(nth), paced);
    expect(await shown()).toEqual(['progress 2']);
    await tell(verdict(), paced);
    expect(await shown()).toEqual(['All is well']);
  });

  it('is one, however many are at it at once', async () => {
    await Promise.all([progress(1), verdict(), progress(1), verdict(), progress(2)].map((body) => tell(body)));
    await passMinutes();
    expect(await shown()).toEqual(['All is well']);
  });

  it('is looked for where nobody knows whether it arrived, and not posted twice', async () => {
    await world.breakSlack('drop-after', 1);
    await tell(progress(1));
    await tell(progress(2));
    expect(await shown()).toEqual(['progress 1']);
    await tell(verdict());
    await passMinutes();
    expect(await shown()).toEqual(['All is well']);
  });

  it('is found again after a death between sending and recording', async () => {
    const dying = { ...world.parts, checkpoint: (step: string) => (step === 'sent' ? killed() : Promise.resolve()) };
    await expect(tell(progress(1), dying)).rejects.toThrow('killed');
    await tell(verdict());
    expect(await shown()).toEqual(['progress 1']);
    await passMinutes();
    expect(await shown()).toEqual(['All is well']);
  });

  it('does not fall back to progress where whoever brought the verdict died before it was recorded', async () => {
    await tell(progress(1));
    const edit: Parts['chat']['edit'] = async (...args) => {
      await world.parts.chat.edit(...args);
      return killed();
    };
    await expect(tell(verdict(), withChat({ edit }))).rejects.toThrow('killed');
    world.pass(LEASE_OVER_MS);
    await tell(progress(2));
    expect(await shown()).toEqual(['All is well']);
  });

  it('that was sent again loses its duplicate to a sweep, also where Slack does not allow one at first', async () => {
    await world.breakSlack('drop-after', 1);
    await tell(progress(1));
    // Slack's search does not show it yet.
    await tell(verdict(), withChat({ find: () => Promise.resolve([]) }));
    await tell(verdict({ ...FIRST, id: 'asked-2' }));
    expect(await shown()).toEqual(['progress 1', 'All is well', 'All is well']);
    await world.breakSlack('500');
    world.pass(90_000);
    await world.settle();
    expect(logged).toContain('sweep.put-off');
    await world.breakSlack('ok');
    world.pass(90_000);
    await world.settle();
    expect(await shown()).toEqual(['All is well', 'All is well']);
  });

  it('that Slack never lets be swept is left alone at last', async () => {
    await world.breakSlack('drop-after', 1);
    await tell(progress(1));
    await tell(verdict(), withChat({ find: () => Promise.resolve([]) }));
    await world.breakSlack('500');
    for (let nth = 0; nth < 9; nth += 1) {
      world.pass(90_000);
      await world.settle();
    }
    expect(logged.filter((event) => event === 'sweep.put-off')).toHaveLength(5);
  });

  it('is words alone where Slack refuses the blocks', async () => {
    const post: Parts['chat']['post'] = (to, message, mark) =>
      world.parts.chat.post(to, message.blocks.length > 0 ? { text: message.text, blocks: [{}] } : message, mark);
    await tell(verdict(), withChat({ post }));
    expect((await shownAnswers(world)).map(({ text }) => text)).toEqual([expect.stringContaining('All is well.')]);
  });
});

describe('a verdict that Slack does not take', () => {
  it('is shown when Slack is back', async () => {
    await tell(progress(1));
    await world.breakSlack('500');
    await tell(verdict());
    world.pass(20_000);
    await world.settle();
    expect(await shown()).toEqual(['progress 1']);
    await world.breakSlack('ok');
    await passMinutes();
    expect(await shown()).toEqual(['All is well']);
  });

  it('is given up after two minutes, and no job fails for it', async () => {
    await world.breakSlack('500');
    await tell(verdict());
    await passMinutes();
    expect(logged).toContain('answer.not-told');
    expect(logged).not.toContain('job.failed');
    await world.breakSlack('ok');
    await passMinutes();
    expect(await shown()).toEqual([]);
  });

  it('is not tried again where only a person can help', async () => {
    const put: Job[] = [];
    const jobs = { ...world.parts.jobs, put: async (more: readonly Job[]) => void put.push(...more) };
    await tell({ ...verdict(), channel: 'C0NOWHERE' }, { ...world.parts, jobs });
    expect(logged).toContain('answer.not-told');
    expect(put).toEqual([]);
  });
});

describe('asking again', () => {
  const again = async (seconds: number): Promise<AnswerMessage> => {
    const [message] = await shownAnswers(world);
    return { id: `C0INCIDENTS:${message?.ts}`, messageTs: message?.ts ?? '', askedAt: at(seconds) };
  };

  it('fills the same message anew, to another verdict', async () => {
    await tell(verdict());
    const second = await again(5);
    const seen: (readonly string[])[] = [];
    for (const body of [progress(0, second), progress(1, second), verdict(second, 'Still well.'), verdict()]) {
      await tell(body);
      seen.push(await shown());
    }
    expect(seen.flat()).toEqual(['asking again', 'progress 1', 'Still well', 'Still well']);
  });

  it('twice shows the answer of whoever asked last', async () => {
    await tell(verdict());
    const [second, third] = [await again(5), await again(6)];
    for (const body of [progress(0, second), progress(0, third), verdict(second), progress(5, second)])
      await tell(body);
    expect(await shown()).toEqual(['asking again']);
    await tell(verdict(third, 'Still well.'));
    await tell(verdict(second));
    expect(await shown()).toEqual(['Still well']);
  });

  it('under a message that is gone, or was only whispered, posts a new one', async () => {
    const gone = { id: 'C0INCIDENTS:1764000000.000100', messageTs: '1764000000.000100', askedAt: at(5) };
    await tell(progress(0, gone));
    expect(await shown()).toEqual(['asking again']);
    await tell(verdict(gone));
    expect(await shown()).toEqual(['All is well']);
  });
});

it('an answer of an older version, which names no message, is whispered', async () => {
  const { answer: _, ...old } = verdict();
  await tell(old);
  expect(await whispersTo(world, 'U0MAYA')).toEqual([expect.stringContaining('All is well.')]);
  expect(await shown()).toEqual([]);
});
