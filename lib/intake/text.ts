/** What was shortened or left out, and how often: told in the job, so that nobody takes a part for the whole. */
export type Cuts = Map<string, number>;

// Control characters but tab and line feed, and lone surrogates: they break storage, terminals and Slack, and mean nothing to a reader.
const UNSTORABLE = /(?![\t\n])[\p{Cc}\p{Cs}]/gu;

export const countCut = (cuts: Cuts, what: string, times = 1): void => {
  cuts.set(what, (cuts.get(what) ?? 0) + times);
};

/** Cleaned and at most `maxChars` long; a cut is counted under `field` and seen at the end of the text. */
export const boundText = (cuts: Cuts, field: string, text: string, maxChars: number): string => {
  // Nobody needs more than this to fill the bound, and a megabyte is not worth scanning.
  const clean = text
    .slice(0, maxChars * 4)
    .replace(UNSTORABLE, '')
    .trim();
  if (clean.length <= maxChars && text.length <= maxChars * 4) return clean;
  countCut(cuts, `shortened ${field}`);
  return `${clean.slice(0, maxChars - 1).replace(/\p{Cs}$/u, '')}…`;
};

/** The same on one line. */
export const boundLine = (cuts: Cuts, field: string, text: string, maxChars: number): string =>
  boundText(cuts, field, text, maxChars).replace(/\s+/g, ' ');

export const describeCuts = (cuts: Cuts): string | null =>
  cuts.size === 0 ? null : [...cuts].map(([what, count]) => `${what}: ${count}`).join(', ');
