import { BRANCHES, type Branch } from '../../lib/domain/branch.ts';
import type { CallEvidence, Finding, ProbeFacts } from '../../lib/domain/diagnosis.ts';
import type { DiagnoseContext } from '../../lib/triage/tree.ts';

export type Word = 'ok' | 'unknown' | Branch;

export const context = (models: readonly string[] = ['small', 'large']): DiagnoseContext => ({
  at: '2026-11-20T10:00:00.000Z',
  service: 'checkout',
  models,
  standby: 'present',
});

/** A finding in one word: ok, unknown, or the branch it failed with. */
export const finding = (name: string, word: Word, status?: number): Finding => {
  const base = { name, question: `${name}?`, latencyMs: 10, ...(status === undefined ? {} : { evidence: { status } }) };
  if (word === 'ok') return { ...base, outcome: 'ok' };
  if (word === 'unknown') return { ...base, outcome: 'unknown', why: 'no answer by the deadline' };
  return { ...base, outcome: 'failed', branch: word, why: `because of ${word}` };
};

/** Models list, the models small and large, and the health of the service; null leaves one out. */
export const findings = (models: Word | null, small: Word | null, large: Word | null, health: Word | null): Finding[] =>
  [
    models === null ? null : finding('models', models),
    small === null ? null : finding('chat:small', small),
    large === null ? null : finding('chat:large', large),
    health === null ? null : finding('health', health),
  ].filter((one) => one !== null);

const FACT_NAMES: Readonly<Record<string, string>> = {
  share: 'failingShare',
  shareBefore: 'failingShareBefore',
  perMinute: 'requestsPerMinute',
  perMinuteBefore: 'requestsPerMinuteBefore',
  reached: 'monthlyLimitReached',
};

/** The headers of limits, in both spellings, by short names. */
const LIMIT_NAMES: Readonly<Record<string, string>> = {
  limit: 'x-ratelimit-limit-req-minute',
  left: 'x-ratelimit-remaining-req-minute',
  tokens: 'x-ratelimit-limit-tokens-minute',
  tokensLeft: 'x-ratelimit-remaining-tokens-minute',
  oldLimit: 'x-ratelimitbysize-limit-minute',
  oldLeft: 'x-ratelimitbysize-remaining-minute',
  month: 'x-ratelimitbysize-limit-month',
  monthLeft: 'x-ratelimitbysize-remaining-month',
};

const NAMES: Readonly<Record<string, readonly string[]>> = {
  all: ['models', 'chat:small', 'chat:large'],
  chats: ['chat:small', 'chat:large'],
  small: ['chat:small'],
  large: ['chat:large'],
  deploy: ['deployments'],
  status: ['status-page'],
};

const readValue = (text: string): string | number | boolean => {
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
};

const wordOf = (text: string): Word => {
  const word = text === 'ok' || text === 'unknown' ? text : BRANCHES.find((branch) => branch === text);
  if (word === undefined) throw new Error(`no such word: ${text}`);
  return word;
};

const PIECE = /^(?<names>[\w:.-]+)=(?<word>[\w.]+)(?:@(?<status>\d+))?(?:\{(?<facts>[^}]*)\})?$/;

const readPiece = (piece: string): readonly Finding[] => {
  const { names = '', word = '', status, facts: pairsText = '' } = PIECE.exec(piece)?.groups ?? {};
  if (word === '') throw new Error(`not a finding: ${piece}`);
  const pairs = pairsText
    .split(',')
    .filter((pair) => pair !== '')
    .map((pair) => [pair.split(':')[0] ?? '', pair.split(':').slice(1).join(':')] as const);
  const limits = pairs.flatMap(([name, value]) =>
    LIMIT_NAMES[name] === undefined ? [] : [[LIMIT_NAMES[name], value]],
  );
  const told: ProbeFacts = Object.fromEntries(
    pairs
      .filter(([name]) => LIMIT_NAMES[name] === undefined)
      .map(([name, value]) => [FACT_NAMES[name] ?? name, readValue(value)]),
  );
  const evidence: CallEvidence = {
    ...(status === undefined ? {} : { status: Number(status) }),
    ...(limits.length === 0 ? {} : { rateLimits: Object.fromEntries(limits) }),
  };
  const { tookMs, ...facts } = told;
  return (NAMES[names] ?? [names]).map((name) => ({
    ...finding(name, wordOf(word)),
    ...(typeof tookMs === 'number' ? { latencyMs: tookMs } : {}),
    ...(Object.keys(evidence).length === 0 ? {} : { evidence }),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  }));
};

/**
 * Findings in short: `models=ok small=rate.minute@429{limit:4,left:0} traffic=ok{share:0.4}`. `all` is the model list and both chats;
 * `tookMs` is how long it took.
 */
export const readFindings = (text: string): readonly Finding[] => text.split(/\s+/).flatMap(readPiece);
