import { isOfLimit } from './branch.ts';
import type { Finding } from './diagnosis.ts';

type Asked = Pick<Finding, 'facts'> | null;

/** A fact that is a number. Infinity and NaN are none. */
export const numberFact = (finding: Asked, name: string): number | null => {
  const value = finding?.facts?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};

export const textFact = (finding: Asked, name: string): string | null => {
  const value = finding?.facts?.[name];
  return typeof value === 'string' && value.trim() !== '' ? value : null;
};

/** Whether it is the answer to an earlier question, since this one was not put: nobody has looked again. */
export const isCarried = (finding: Asked): boolean => numberFact(finding, 'askedSecondsAgo') !== null;

/** A moment as milliseconds since 1970; anything that is no date is no fact. */
export const momentFact = (finding: Asked, name: string): number | null => {
  const ms = Date.parse(textFact(finding, name) ?? '');
  return Number.isNaN(ms) ? null : ms;
};

/** As the alert rules have it: more than one in twenty calls fails. As many as half are an outage. */
export const FAILING_SHARE = 0.05;
export const OUTAGE_SHARE = 0.5;

/** Calls as slow as these keep people waiting, whatever was usual. */
export const SLOW_MS = 5_000;
const SLOW_GROWTH = 3;

/** Of the slowest calls of a service (its fact `p95Ms`: one in twenty takes longer), where they keep people waiting; null: they do not, or nobody measured. */
export const slowMs = (traffic: Asked): number | null => {
  const p95Ms = numberFact(traffic, 'p95Ms');
  return p95Ms !== null && p95Ms >= SLOW_MS ? p95Ms : null;
};

/** Whether the slowest calls of a service have become slow within the hour. */
export const hasSlowed = (traffic: Asked): boolean => {
  const p95Ms = slowMs(traffic);
  const beforeMs = numberFact(traffic, 'p95MsBefore');
  return p95Ms !== null && beforeMs !== null && beforeMs > 0 && p95Ms >= SLOW_GROWTH * beforeMs;
};

/** No time that a call may take; a longer one was not measured. */
export const LONGEST_MS = 600_000;

type Timed = Pick<Finding, 'name' | 'outcome' | 'latencyMs' | 'facts'>;

const isSlow = (finding: Timed): boolean => {
  const { outcome, latencyMs, facts } = finding;
  const isLate = latencyMs > SLOW_MS && latencyMs <= LONGEST_MS;
  return isLate && outcome === 'ok' && !isCarried(finding) && facts?.['chats'] !== false;
};

/** Whether a chat of one token was answered just now, and so late that it keeps people waiting. Of a model that does not chat the card is asked, which is no measure. */
export const isSlowChat = (finding: Timed): boolean => finding.name.startsWith('chat:') && isSlow(finding);

/** The same of a stream, which is of one token, too. */
export const isSlowStream = (finding: Timed): boolean => finding.name.startsWith('stream:') && isSlow(finding);

const isOfMistral = (name: string): boolean => name === 'models' || /^(?:chat|stream):/.test(name);

/** How long the slowest chat of one token took, in milliseconds, where that is all that is wrong with Mistral; null: it is not. */
export const lateMsIn = (findings: readonly Timed[]): number | null => {
  const slow = findings.filter(isSlowChat);
  const isFailing = findings.some(({ name, outcome }) => outcome === 'failed' && isOfMistral(name));
  return slow.length === 0 || isFailing ? null : Math.max(...slow.map(({ latencyMs }) => latencyMs));
};

export const isTrueFact = (finding: Asked, name: string): boolean => finding?.facts?.[name] === true;

/** Answers that say something about the key itself; a limit, a timeout or an outage does not. */
const KEY_VERDICT = /^(?:auth|access|billing)\.|^config\.api_key_malformed$/;

/** Whether a key was asked with and found to be of no use. */
export const isDeadKey = (finding: Pick<Finding, 'outcome' | 'branch'> | null): boolean =>
  finding?.outcome === 'failed' && KEY_VERDICT.test(finding.branch ?? '');

/** Whether a key was asked with and let in. */
export const isLivingKey = (finding: Pick<Finding, 'outcome' | 'branch'> | null): boolean =>
  finding?.outcome === 'ok' || (finding?.outcome === 'failed' && isOfLimit(finding.branch ?? ''));
