import { expect, it } from 'vitest';
import { keepFor } from '../../lib/app/keep-for.ts';

const openQuestion = () => {
  let nowMs = 0;
  let asked = 0;
  let isBroken = false;
  const ask = keepFor(1_000, { nowMs: () => nowMs }, () => {
    asked += 1;
    return isBroken ? Promise.reject(new Error('away')) : Promise.resolve(asked);
  });
  return {
    ask,
    pass: (ms: number) => {
      nowMs += ms;
    },
    break: (broken: boolean) => {
      isBroken = broken;
    },
  };
};

it('an answer serves until it is older than it may be, also while it has not come yet', async () => {
  const { ask, pass } = openQuestion();
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  pass(1_000);
  expect(await ask()).toBe(1);
  pass(1);
  expect(await ask()).toBe(2);
});

it('a question that failed is asked again at once, and takes no younger answer away', async () => {
  const question = openQuestion();
  question.break(true);
  await expect(question.ask()).rejects.toThrow('away');
  question.break(false);
  expect(await question.ask()).toBe(2);
  expect(await question.ask()).toBe(2);
});
