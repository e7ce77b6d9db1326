import type { Diagnosis, Finding } from './diagnosis.ts';

/** Why a probe failed, without what was said already: then only its number or code is left, as `401` or `ENOTFOUND`. */
export const whyBeyond = (why: string, said: string): string => {
  const [, words = why, sign = ''] = /^(.*?)(?: \(([^()]*)\))?$/s.exec(why) ?? [];
  return said.toLowerCase().includes(words.toLowerCase()) ? sign : why;
};

/** What a reader knows before the list of the probes. */
export const saidOf = ({ cause, path }: Pick<Diagnosis, 'cause' | 'path'>): string =>
  [cause, ...path.map(({ answer }) => answer)].join('\n');

/** One probe in a few words, below what is told already: `401 in 46 ms`. */
export const tellFinding = (finding: Finding, said: string): string => {
  const { outcome, why = '' } = finding;
  const took = finding.latencyMs > 0 ? ` in ${Math.round(finding.latencyMs)} ms` : '';
  if (outcome === 'ok') return `well${took}`;
  const beyond = whyBeyond(why, said);
  if (outcome === 'unknown') return beyond === '' ? 'not known' : `not known: ${beyond}`;
  if (beyond === '') return `failed${took}`;
  return beyond === why ? `failed${took}: ${why}` : `${beyond}${took}`;
};

const STEPS: readonly (readonly [number, number])[] = [
  [6, 1],
  [12, 2],
  [60, 5],
];

/** Seconds in steps that do not change with every check: above six in twos, above twelve in fives, above a minute in minutes. */
export const roughSeconds = (ms: number): number => {
  const seconds = ms / 1_000;
  const step = STEPS.find(([most]) => seconds <= most)?.[1] ?? 60;
  return Math.max(step, Math.round(seconds / step) * step);
};
