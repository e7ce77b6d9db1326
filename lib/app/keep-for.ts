import type { Clock } from '../ports/world.ts';

/** Asks again only when the last answer is older than this; a question that failed is asked again at once. */
export const keepFor = <T>(ms: number, clock: Clock, ask: () => Promise<T>): (() => Promise<T>) => {
  let kept: { readonly answer: Promise<T>; readonly untilMs: number } | null = null;
  return () => {
    const nowMs = clock.nowMs();
    if (kept !== null && nowMs <= kept.untilMs) return kept.answer;
    const asked = { answer: ask(), untilMs: nowMs + ms };
    asked.answer.catch(() => {
      if (kept === asked) kept = null;
    });
    kept = asked;
    return asked.answer;
  };
};
