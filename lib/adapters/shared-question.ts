/** So much of the time that one would give to an answer must be what the other gave to it. */
const ENOUGH = 0.8;

type Present<T> = { readonly timeoutMs: number; readonly answer: Promise<T> };

export type AskShared<T> = (key: string, timeoutMs: number, ask: () => Promise<T>) => Promise<T>;

/**
 * The same question of the same address, put while it is being asked already, is not put again: many services are checked in one moment, and
 * the way to Mistral is the same for all of them. Nothing is kept once it is answered, so that no answer is older than its question's
 * limit. Who would wait clearly longer than the present one does asks anew. `key`: all that the answer depends on.
 */
export const createShared = <T>(): AskShared<T> => {
  const asking = new Map<string, Present<T>>();
  return (key, timeoutMs, ask) => {
    const present = asking.get(key);
    if (present !== undefined && present.timeoutMs >= timeoutMs * ENOUGH) return present.answer;
    const answer = ask();
    const mine = { timeoutMs, answer };
    asking.set(key, mine);
    const forget = (): void => {
      if (asking.get(key) === mine) asking.delete(key);
    };
    answer.then(forget, forget);
    return answer;
  };
};
