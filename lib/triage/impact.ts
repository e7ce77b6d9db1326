import type { Branch } from '../domain/branch.ts';
import type { Finding, Impact } from '../domain/diagnosis.ts';
import { FAILING_SHARE, hasSlowed, numberFact, OUTAGE_SHARE, slowMs } from '../domain/finding-facts.ts';
import { moreSevere, type Severity } from '../domain/severity.ts';
import { BRANCH_FACTS } from './branches.ts';

/** What the metrics say of the calls of the service: now and in the same window an hour ago. */
export type Traffic = {
  readonly finding: Finding;
  /**
   * `blind`: no source answered, or what it answered cannot be read. `few`: it was read, and of so few calls nothing can be told.
   * `doubtful`: of few calls most failed. `slow`: hardly any fails, and they keep people waiting.
   */
  readonly state: 'failing' | 'slow' | 'fine' | 'few' | 'doubtful' | 'blind';
  /** From 0 to 1; null: not measured, or of too few calls to mean anything. */
  readonly share: number | null;
  readonly shareBefore: number | null;
  readonly perMinute: number | null;
  readonly perMinuteBefore: number | null;
  readonly windowMinutes: number;
};

/** Of fewer calls a share says nothing: one of two is no outage. */
const FEWEST_CALLS = 10;
/** Fewer failures than these are chance, however few calls there are. */
const FEWEST_FAILURES = 3;
const WINDOW_MINUTES = 5;

const within = (value: number | null, most: number): number | null =>
  value === null || value < 0 || value > most ? null : value;

/** `calls`: in the whole window; null: nobody counted. */
const stateOf = (finding: Finding, measured: number | null, calls: number | null): Traffic['state'] => {
  if (finding.outcome === 'failed') return 'failing';
  if (finding.outcome === 'unknown') return 'blind';
  if (calls !== null && calls < FEWEST_CALLS) {
    const share = measured ?? 0;
    return share >= OUTAGE_SHARE && Math.round(share * calls) >= FEWEST_FAILURES ? 'doubtful' : 'few';
  }
  if (measured !== null && measured >= FAILING_SHARE) return 'failing';
  if (hasSlowed(finding)) return 'slow';
  return measured === null ? 'blind' : 'fine';
};

/** null: nobody measures this service (no such question, or its answer's fact `configured` is false). */
export const readTraffic = (finding: Finding | null): Traffic | null => {
  if (finding === null || (finding.outcome === 'unknown' && finding.facts?.['configured'] === false)) return null;
  const read = (name: string, most: number): number | null =>
    finding.outcome === 'unknown' ? null : within(numberFact(finding, name), most);
  const perMinute = read('requestsPerMinute', Number.MAX_SAFE_INTEGER);
  const measured = read('failingShare', 1);
  const windowMinutes = read('windowMinutes', 1_440) ?? WINDOW_MINUTES;
  const calls = perMinute === null ? null : perMinute * windowMinutes;
  return {
    finding,
    state: stateOf(finding, measured, calls),
    share: calls !== null && calls < FEWEST_CALLS ? null : measured,
    shareBefore: read('failingShareBefore', 1),
    perMinute,
    perMinuteBefore: read('requestsPerMinuteBefore', Number.MAX_SAFE_INTEGER),
    windowMinutes,
  };
};

/** Whether clearly more calls fail than an hour ago; null where nobody measured then or now. */
export const hasRisen = (traffic: Traffic | null): boolean | null => {
  const { share, shareBefore } = traffic ?? { share: null, shareBefore: null };
  if (share === null || shareBefore === null) return null;
  return share > shareBefore && share >= shareBefore + Math.min(shareBefore, FAILING_SHARE);
};

/** Whether hardly anybody calls any more: under a tenth of an hour ago. Below ten a minute it is chance. */
export const hasCollapsed = (traffic: Traffic | null): boolean => {
  const { perMinute, perMinuteBefore } = traffic ?? { perMinute: null, perMinuteBefore: null };
  return perMinute !== null && perMinuteBefore !== null && perMinuteBefore >= 10 && perMinute < perMinuteBefore / 10;
};

/** How long the slowest calls take, in milliseconds, where they succeed and keep people waiting; null: they do not, or nobody measured enough of them. */
export const waitingMs = (traffic: Traffic | null): number | null =>
  traffic?.state === 'slow' || traffic?.state === 'fine' ? slowMs(traffic.finding) : null;

export const impactOf = (traffic: Traffic | null, models: readonly string[]): Impact => ({
  failingShare: traffic?.share ?? null,
  requestsPerMinute: traffic?.perMinute ?? null,
  models,
});

const bySharing = (share: number): Severity => {
  if (share >= OUTAGE_SHARE) return 'P1';
  return share >= FAILING_SHARE ? 'P2' : 'P3';
};

const ONE_LESS: Readonly<Record<Severity, Severity>> = { P1: 'P2', P2: 'P3', P3: 'P4', P4: 'P4' };

/**
 * Measured impact first, else what is usual. Where every question fails, measuring takes at most one step off it:
 * the window of the metrics is older than the failure. What is of no matter to users stays so until they are hurt.
 */
export const rate = (usual: Severity, isTotal: boolean, traffic: Traffic | null): Severity => {
  const share = traffic?.share ?? null;
  if (share === null || (share < FAILING_SHARE && usual === 'P4')) return usual;
  return isTotal ? moreSevere(bySharing(share), ONE_LESS[usual]) : bySharing(share);
};

/** The model list alone fails: applications chat and do not list. */
export const isListOnly = ([models, ...others]: readonly Finding[]): boolean =>
  models?.outcome === 'failed' && others.every(({ outcome }) => outcome === 'ok');

/**
 * What is usual for failures of Mistral's answers. A network or a time limit stops some questions for a while, and is an outage where no
 * question comes through at all; Mistral failing for one model while another answers is none.
 */
export const usualSeverity = (branches: readonly Branch[], mistral: readonly Finding[]): Severity => {
  const isTotal = mistral.every(({ outcome }) => outcome !== 'ok');
  if (isTotal && branches.every((branch) => /^(?:net|timeout)\./.test(branch))) return 'P1';
  if (isListOnly(mistral)) return 'P3';
  const isPartial = mistral.slice(1).some(({ outcome }) => outcome === 'ok');
  return branches
    .map((branch) => (isPartial && branch.startsWith('provider.') ? 'P2' : (BRANCH_FACTS[branch].severity ?? 'P4')))
    .reduce(moreSevere, 'P4');
};
