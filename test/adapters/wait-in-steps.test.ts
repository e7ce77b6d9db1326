import { expect, it } from 'vitest';
import { waitInSteps } from '../../lib/adapters/wait-in-steps.ts';

const MOST_MS = 2 ** 31 - 1;

it.each([
  [1_500, [1_500]],
  [MOST_MS, [MOST_MS]],
  [3e9, [MOST_MS, 3e9 - MOST_MS]],
])('waits %i ms in steps that a timer can hold', async (ms, steps) => {
  const waited: number[] = [];
  await waitInSteps((step) => {
    waited.push(step);
    return Promise.resolve();
  })(ms);
  expect(waited).toEqual(steps);
});
