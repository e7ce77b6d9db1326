/** Questions that are being asked, by key. */
export type Asking<T> = {
  readonly now: Map<string, { readonly startedMs: number; readonly answer: Promise<T> }>;
  /** The one that begins when the present one ends. */
  readonly next: Map<string, Promise<T>>;
};

export const createAsking = <T>(): Asking<T> => ({ now: new Map(), next: new Map() });

type Question = { readonly key: string; readonly sinceMs: number; readonly nowMs: () => number };

/**
 * One question at a time per key. Who needs an answer that was asked for after `sinceMs` joins the present question if it began after
 * that, else the next one together with everybody else who does: however many ask, and however long the answer takes, it is asked
 * once and once more.
 */
export const askTogether = <T>(asking: Asking<T>, question: Question, ask: () => Promise<T>): Promise<T> => {
  const { key, sinceMs } = question;
  const present = asking.now.get(key);
  if (!present) return begin(asking, question, ask);
  if (present.startedMs >= sinceMs) return present.answer;
  const waiting = asking.next.get(key);
  if (waiting) return waiting;
  const goOn = (): Promise<T> => {
    asking.next.delete(key);
    // Somebody may have begun in the very moment in which the present one ended.
    return asking.now.get(key)?.answer ?? begin(asking, question, ask);
  };
  const next = present.answer.then(goOn, goOn);
  asking.next.set(key, next);
  return next;
};

const begin = <T>(asking: Asking<T>, { key, nowMs }: Question, ask: () => Promise<T>): Promise<T> => {
  const startedMs = nowMs();
  const answer = ask().finally(() => asking.now.delete(key));
  asking.now.set(key, { startedMs, answer });
  return answer;
};
