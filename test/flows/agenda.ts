/** Time that passes only while everybody waits: what is begun at a moment goes as far as it can before the next moment comes. */
export const createAgenda = (startMs: number) => {
  let nowMs = startMs;
  let seed = 1;
  const failures: unknown[] = [];
  const planned: { readonly atMs: number; readonly go: () => void }[] = [];
  const at = (inMs: number, go: () => void): void => void planned.push({ atMs: nowMs + inMs, go });
  const every = (ms: number, go: () => void): void =>
    at(ms, () => {
      go();
      every(ms, go);
    });
  return {
    clock: { nowMs: () => nowMs },
    wait: (ms: number) => new Promise<void>((resolve) => at(ms, resolve)),
    /** The same row of numbers in each run. */
    random: (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    },
    at,
    every,
    /** What breaks down in it ends the run. */
    begin: (work: () => Promise<unknown>): void => void work().catch((error: unknown) => failures.push(error)),
    run: async (forMs: number): Promise<void> => {
      for (const endMs = nowMs + forMs; nowMs < endMs && failures.length === 0; ) {
        // Everything that needs no time settles in these turns of the event loop.
        for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        const next = planned.reduce((best, one) => (one.atMs < best.atMs ? one : best));
        nowMs = Math.max(nowMs, next.atMs);
        planned.splice(planned.indexOf(next), 1);
        next.go();
      }
      if (failures.length > 0) throw new AggregateError(failures, 'something broke down');
    },
  };
};
