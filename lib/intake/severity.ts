import type { Severity } from '../domain/severity.ts';

/** Azure's own scale, told from everybody else's SEV1 by its spelling. */
const AZURE: ReadonlyMap<string, Severity> = new Map([
  ['Sev0', 'P1'],
  ['Sev1', 'P2'],
  ['Sev2', 'P3'],
  ['Sev3', 'P4'],
  ['Sev4', 'P4'],
]);

const WORDS: ReadonlyMap<string, Severity> = new Map([
  ...['critical', 'fatal', 'emergency', 'sev0', 'sev1'].map((word) => [word, 'P1'] as const),
  ...['error', 'high', 'major', 'page', 'sev2'].map((word) => [word, 'P2'] as const),
  ...['warning', 'warn', 'minor', 'medium', 'moderate', 'ticket', 'sev3'].map((word) => [word, 'P3'] as const),
  ...['info', 'information', 'informational', 'notice', 'low', 'debug', 'none', 'sev4', 'sev5'].map(
    (word) => [word, 'P4'] as const,
  ),
]);

const LEVELS = ['P1', 'P2', 'P3', 'P4', 'P4'] as const;

const fromLevel = (word: string): Severity | null => {
  const [, digit] = /^p?([1-5])$/i.exec(word) ?? [];
  return digit === undefined ? null : (LEVELS[Number(digit) - 1] ?? null);
};

/**
 * The first explicit level (`P2`, `2`) wins over words: a rule that says `severity: warning, priority: P2` means P2.
 * null where nothing is said or understood; the caller's default then decides.
 */
export const readSeverity = (said: readonly (string | undefined)[]): Severity | null => {
  const words = said.flatMap((word) => (word === undefined ? [] : [word.trim()]));
  for (const read of [fromLevel, (word: string) => AZURE.get(word) ?? WORDS.get(word.toLowerCase()) ?? null]) {
    for (const word of words) {
      const severity = read(word);
      if (severity !== null) return severity;
    }
  }
  return null;
};
