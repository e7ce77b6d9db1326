import { it } from 'vitest';

/** What a stand-in does otherwise than the real thing: a word of the suite, and how. Tests that need it are reported as still to be done, with that. */
export type PeerLacks<Word extends string> = Readonly<Partial<Record<Word, string>>>;

/** `it`, unless the peer lacks what the test is about. */
export const unlessLacking =
  <Word extends string>(lacks: PeerLacks<Word>, word: Word) =>
  (name: string, test: () => Promise<void>): void => {
    const how = lacks[word];
    if (how === undefined) it(name, test);
    else it.todo(`${name} [not on this peer: ${how}]`);
  };
