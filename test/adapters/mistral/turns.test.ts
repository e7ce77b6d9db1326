import { describe, expect, it, onTestFinished } from 'vitest';
import { createMistralCalls } from '../../../lib/adapters/mistral/calls.ts';
import { createTurns } from '../../../lib/adapters/mistral/turns.ts';
import { serve } from './serve.ts';

const LONG_MS = 60_000;

/** Whether a turn is given without anybody else doing anything. */
const isGiven = (turn: Promise<unknown>): Promise<boolean> => {
  const { promise: passed, resolve } = Promise.withResolvers<false>();
  setImmediate(() => resolve(false));
  return Promise.race([turn.then(() => true), passed]);
};

describe('a turn', () => {
  it('is given to so many at once, and then to who has waited longest when one is given back', async () => {
    const take = createTurns({ most: 2, openingMs: LONG_MS });
    const [first, second] = await Promise.all([take(LONG_MS), take(LONG_MS)]);
    const [third, fourth] = [take(LONG_MS), take(LONG_MS)];
    expect(await isGiven(third)).toBe(false);
    first();
    first();
    expect([await isGiven(third), await isGiven(fourth)]).toEqual([true, false]);
    second();
    for (const end of await Promise.all([third, fourth])) end();
    expect(await isGiven(take(LONG_MS).then((end) => end()))).toBe(true);
  });

  it('is held for a moment by a call that hangs', async () => {
    const take = createTurns({ most: 1, openingMs: 10 });
    await take(LONG_MS);
    (await take(LONG_MS))();
  });

  it('is taken by who will not wait any longer', async () => {
    const take = createTurns({ most: 1, openingMs: LONG_MS });
    const first = await take(LONG_MS);
    const second = await take(10);
    const third = take(LONG_MS);
    first();
    expect(await isGiven(third)).toBe(false);
    second();
    (await third)();
  });
});

describe('ten calls at once', () => {
  it('begin four at a time where that is the most, and are told without the wait for their turn', async () => {
    let [nowMs, open, most] = [0, 0, 0];
    const { promise: full, resolve: fill } = Promise.withResolvers<void>();
    const server = await serve((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      if (open === 4) {
        nowMs = 1_000;
        fill();
      }
      void full.then(() => {
        open -= 1;
        response.writeHead(401, { 'content-type': 'application/json' }).end('{"detail":"Unauthorized"}');
      });
    });
    onTestFinished(server.close);
    const turns = { most: 4, openingMs: LONG_MS };
    const calls = createMistralCalls({ serverUrl: server.url, clock: { nowMs: () => nowMs }, turns });
    const all = await Promise.all(Array.from({ length: 10 }, (_, nth) => calls.listModels(`key-${nth}`, 100_000)));
    expect(all.map((one) => (one.ok ? 200 : one.failure.status))).toEqual(all.map(() => 401));
    expect(most).toBe(4);
    expect(all.map(({ latencyMs }) => latencyMs)).toEqual([...Array(4).fill(1_000), ...Array(6).fill(0)]);
  });
});
