import { HelpAsked, UsageError } from './mistakes.ts';

type Parsed = { readonly positionals: readonly string[] };

/** What follows a command's name: anything that it does not know is refused with how to use it, so that a slip is not ignored; `--help` is answered. */
export const readArguments = <T extends Parsed>(use: string, mostWords: number, parse: () => T): T => {
  const read = parsedBy(use, parse);
  const extra = read.positionals[mostWords];
  if (extra !== undefined) throw new UsageError(`"${extra}" is a word too many. Use: ${use}`);
  return read;
};

const parsedBy = <T>(use: string, parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Error && /^Unknown option '(?:--help|-h)'/.test(error.message))
      throw new HelpAsked(`Use: ${use}`);
    // Node goes on about positional arguments, which only puzzles.
    const why = error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'The options cannot be read';
    throw new UsageError(`${why}. Use: ${use}`);
  }
};
