import type { Diagnosis, LatencySplit, ProbeOutcome } from './diagnosis.ts';
import { isCarried } from './finding-facts.ts';
import { percent } from './percent.ts';

/** What an answer was, in one character. */
export const OUTCOME_SIGNS: Readonly<Record<ProbeOutcome, string>> = { ok: '✓', failed: '✗', unknown: '?' };

/** `43 % of about 120 calls a minute fail`; empty where nobody measured it. */
export const wordImpact = ({ impact }: Diagnosis): string => {
  const { failingShare: share, requestsPerMinute: perMinute } = impact ?? {
    failingShare: null,
    requestsPerMinute: null,
  };
  const count = Math.round(perMinute ?? 0);
  if (perMinute !== null && count === 0) return 'less than a call a minute';
  const calls = perMinute === null ? 'the calls' : `about ${count} call${count === 1 ? '' : 's'} a minute`;
  if (share !== null) return share === 0 ? `none of ${calls} fails` : `${percent(share)} of ${calls} fail`;
  return perMinute === null ? '' : `${calls}; how many fail is not known`;
};

/** One word per model; empty where all answered alike, of which the cause tells. */
const wordMatrix = ({ matrix = [] }: Diagnosis): string => {
  const answers = new Set(matrix.map(({ outcome, branch = '' }) => `${outcome} ${branch}`));
  if (answers.size < 2) return '';
  return matrix
    .map(
      ({ model, outcome, branch }) => `${OUTCOME_SIGNS[outcome]} ${model}${branch === undefined ? '' : ` (${branch})`}`,
    )
    .join(' · ');
};

const PARTS: readonly (readonly [keyof LatencySplit, string])[] = [
  ['connectMs', 'connecting'],
  ['edgeMs', "Mistral's gateway"],
  ['upstreamMs', 'the model'],
  ['oursMs', 'the network and us'],
];

/** Where the time of a call went; empty where less than two parts are known, which splits nothing. */
const wordLatency = ({ latency }: Diagnosis): string => {
  const known = PARTS.flatMap(([name, words]) => {
    const ms = latency?.[name] ?? null;
    return ms === null ? [] : [`${words} ${Math.round(ms)} ms`];
  });
  return known.length < 2 ? '' : known.join(' · ');
};

/** Only those that the cause does not name already. */
const wordBlind = ({ blind = [], cause }: Diagnosis): string =>
  blind.filter((name) => !cause.includes(name)).join(', ');

/** What was not asked now. Whoever reads it right after a fault is gone shall know that nobody has looked again. */
const wordBefore = ({ probes }: Diagnosis): string => {
  const models = probes.filter(isCarried).map(({ name }) => name.replace(/^(?:chat|stream):/, ''));
  return models.length === 0 ? '' : `${[...new Set(models)].join(', ')}, a moment ago and not again within the minute`;
};

/** What every rendering says beside cause, path and probes, in its order: a title and one line each, as far as there is anything to say. */
export const detailsOf = (diagnosis: Diagnosis): readonly { readonly title: string; readonly text: string }[] =>
  [
    { title: 'Impact', text: wordImpact(diagnosis) },
    { title: 'Models', text: wordMatrix(diagnosis) },
    { title: 'Time of a call', text: wordLatency(diagnosis) },
    { title: 'Not known', text: wordBlind(diagnosis) },
    { title: 'Asked before', text: wordBefore(diagnosis) },
    { title: 'To narrow it down', text: diagnosis.nextQuestion ?? '' },
  ].filter(({ text }) => text !== '');
