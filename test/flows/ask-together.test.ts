import { beforeEach, expect, it } from 'vitest';
import { askTogether, createAsking } from '../../lib/flows/ask-together.ts';

let nowMs = 0;
let asked: PromiseWithResolvers<string>[] = [];
let asking = createAsking<string>();
beforeEach(() => {
  nowMs = 0;
  asked = [];
  asking = createAsking<string>();
});

/** Asks at a time, for an answer that was asked for after another time. */
const ask = (atMs: number, sinceMs = atMs, key = 'one'): Promise<string> => {
  nowMs = atMs;
  return askTogether(asking, { key, sinceMs, nowMs: () => nowMs }, () => {
    const question = Promise.withResolvers<string>();
    asked.push(question);
    return question.promise;
  });
};
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('Who needs nothing newer joins the question that is being asked, however late', async () => {
  const answers = [ask(10), ask(500, 10), ask(13_000, 5)];
  expect(asked).toHaveLength(1);
  asked[0]?.resolve('first');
  expect(await Promise.all(answers)).toEqual(['first', 'first', 'first']);
});

it('All who need something newer share one question, asked when the present one has ended', async () => {
  const first = ask(10);
  const later = [ask(20), ask(30), ask(40)];
  expect(asked).toHaveLength(1);
  nowMs = 50;
  asked[0]?.resolve('first');
  expect(await first).toBe('first');
  await settle();
  expect(asked).toHaveLength(2);
  const joined = ask(60, 45);
  asked[1]?.resolve('second');
  expect(await Promise.all([...later, joined])).toEqual(['second', 'second', 'second', 'second']);
});

it('A question begun in the moment in which another ends is the only one', async () => {
  const first = ask(10);
  // Runs between the end of the first question and the start of the next.
  const between = first.then(() => ask(30));
  const later = ask(20);
  asked[0]?.resolve('first');
  await settle();
  expect(asked).toHaveLength(2);
  asked[1]?.resolve('second');
  expect(await Promise.all([later, between])).toEqual(['second', 'second']);
});

it('A question that fails keeps nobody from the next, and leaves nothing behind', async () => {
  const first = ask(10);
  const later = ask(20);
  asked[0]?.reject(new Error('no store'));
  await expect(first).rejects.toThrow('no store');
  await settle();
  asked[1]?.resolve('second');
  expect(await later).toBe('second');
  expect([asking.now.size, asking.next.size]).toEqual([0, 0]);
});

it('Another service is another question', () => {
  void ask(10, 10, 'one');
  void ask(10, 10, 'two');
  expect(asked).toHaveLength(2);
});
