import type { Branch } from '../domain/branch.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { isSlowChat, numberFact, textFact } from '../domain/finding-facts.ts';
import { whyBeyond } from '../domain/finding-words.ts';
import { hurtModels } from './cases.ts';
import type { Seen } from './seen.ts';

const MOST_QUESTIONS = 24;

/** Questions whose answer is what they found, not yes or no. */
const TOLD_BY_NOTE = /^(?:traffic|deployments|spend|keys|status-page)$|^model:/;

/** `10 s`, `400 ms`. */
const tellTook = (ms: number): string => (ms >= 1_000 ? `${Math.round(ms / 1_000)} s` : `${ms} ms`);

/** What came in the place of an answer, where the cause has said the rest: a number says nothing of it. */
const tellCame = ({ branch, latencyMs }: Finding, sign: string): string | null => {
  switch (branch) {
    case 'content.empty':
      return 'an empty answer';
    case 'content.malformed_json':
      return 'something that is no JSON';
    case 'content.schema_mismatch':
      return 'an answer of another shape';
    case 'content.unexpected_type':
      return 'an answer of another kind';
    case 'net.intercepted_200_html':
      return sign.startsWith('3') ? 'a redirect' : 'a web page';
    case 'stream.cut':
      return 'an answer that breaks off';
    case 'timeout.headers':
      return `nothing in ${tellTook(latencyMs)}`;
    case 'timeout.body_or_stream':
      return `no end in ${tellTook(latencyMs)}`;
    default:
      return null;
  }
};

/** Whether there is one is half of the question. */
const tellNoProxy = (why: string): string => {
  const [, unused = ''] = /^none(: .*)$/s.exec(why) ?? [];
  return `no proxy in the way${unused}`;
};

/** What the cause says is not said again. */
const tellAnswer = (finding: Finding, cause: string): string => {
  const { name, outcome, branch, latencyMs, why = 'no reason given' } = finding;
  if (name === 'proxy' && outcome === 'ok' && textFact(finding, 'proxy') === null) return tellNoProxy(why);
  if (isSlowChat(finding)) return `yes, but only after ${latencyMs} ms`;
  if (outcome === 'ok') return TOLD_BY_NOTE.test(name) && why !== 'no reason given' ? why : `yes, in ${latencyMs} ms`;
  if (outcome === 'unknown') return `unknown: ${why}`;
  const beyond = whyBeyond(why, cause);
  if (name.startsWith('model:')) return /^model\./.test(branch ?? '') ? tellGone(why) : why;
  const came = beyond === why ? null : tellCame(finding, beyond);
  return ['no', came ?? beyond].filter((part) => part !== '').join(': ');
};

/** What the card says is asked for, not whether it does. */
const tellGone = (why: string): string => `that it is gone${/ \([^()]*\)$/.exec(why)?.[0] ?? ''}`;

/** Second questions that a branch leans on, by name or by its beginning. */
const SECOND: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(?:auth|access\.forbidden)/, ['standby', 'region:', 'keys', 'spend', 'path']],
  [/^billing\./, ['standby', 'spend']],
  [/^(?:quota|rate)\./, ['spend']],
  [/^net\.tls_/, ['tls', 'clock', 'proxy']],
  [/^(?:net|timeout)\./, ['proxy', 'dns', 'connect', 'tls', 'path', 'region:']],
  [/^provider\./, ['region:']],
  [/^(?:content|stream)\./, ['proxy', 'path']],
  [/^request\.invalid$/, ['path', 'traffic', 'deployments']],
  [/^(?:app|request|config)\.|^model_or_route\.|^unknown$/, ['traffic', 'deployments']],
];

const secondFindings = (branch: Branch, seen: Seen): readonly Finding[] => {
  const names = SECOND.find(([branches]) => branches.test(branch))?.[1] ?? [];
  const cards = /^(?:model|access\.model)/.test(branch)
    ? hurtModels(seen, branch).map((model) => `model:${model}`)
    : [];
  return [...names, ...cards].flatMap((name) =>
    name === 'region:' ? seen.regions : [seen.asked(name)].filter((one) => one !== null),
  );
};

/** The provider's own word stands at the end, where it cannot be taken for a reason. */
const remark = ({ asked }: Seen): Diagnosis['path'] => {
  const page = asked('status-page');
  const indicator = textFact(page, 'indicator') ?? '';
  if (page?.outcome !== 'ok' || !['minor', 'major', 'critical'].includes(indicator)) return [];
  const incidents = numberFact(page, 'incidents');
  const count = incidents === null ? '' : `, ${Math.round(incidents)} open`;
  return [{ question: page.question, answer: `${indicator}${count}; a remark, it decides nothing` }];
};

/** The questions on the way to the verdict; it ends where the verdict was clear, with what the second questions said. */
export const drawPath = (seen: Seen, { branch, cause }: Pick<Diagnosis, 'branch' | 'cause'>): Diagnosis['path'] => {
  const [models, ...others] = seen.mistral;
  const decidedByKey = models?.outcome === 'failed' && models.branch === branch;
  const decidedByModels = others.some((one) => one.outcome === 'failed' && one.branch === branch);
  // A bill that is told of beside a refused key: what each of them said, so that one sees where it comes from.
  const isTold = branch.startsWith('billing.') && seen.mistral.every(({ name }) => seen.asked(name)?.branch !== branch);
  const asMeant = (one: Finding): Finding => (isTold || seen.lateMs !== null ? (seen.asked(one.name) ?? one) : one);
  const asked = (decidedByKey ? [models] : [...seen.mistral]).map(asMeant);
  const health = seen.health === null || decidedByKey || decidedByModels ? [] : [seen.health];
  const storm = seen.storm === null ? [] : [seen.storm];
  const findings = [...asked, ...health, ...secondFindings(branch, seen), ...storm].slice(0, MOST_QUESTIONS);
  const saidBefore = (at: number): string =>
    isTold
      ? findings
          .slice(0, at)
          .map(({ why = '' }) => why)
          .join('\n')
      : cause;
  return [
    ...findings.map((finding, at) => ({ question: finding.question, answer: tellAnswer(finding, saidBefore(at)) })),
    ...remark(seen),
  ];
};
