import type { Finding, ProbeAnswer } from '../domain/diagnosis.ts';
import { isCarried } from '../domain/finding-facts.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { type ProbeInput, runProbes } from '../probes/probe.ts';
import { isFirstQuestion, isTrouble } from '../probes/trouble.ts';
import { judge } from '../triage/judge.ts';
import type { Parts } from './parts.ts';
import { noteProbes, spendOnProbes } from './spend-on-probes.ts';

type AskParts = Pick<Parts, 'store' | 'secrets' | 'mistral' | 'health' | 'sources' | 'clock' | 'wait' | 'settings'>;

export type OnAnswer = NonNullable<ProbeInput['onAnswer']>;

/** `fresh`: the key is read anew. `explains`: whether what only explains trouble is asked when there is some, and not before. */
export type Reading = { readonly fresh: boolean; readonly explains?: 'always' | 'trouble' };
type Listening = { readonly onAnswer: OnAnswer | undefined; readonly how: Reading };

/** What the service itself needs to be well. */
const isNeeded = (name: string): boolean => /^(?:models$|chat:|stream:|health$)/.test(name);

/** Trouble that another key may not have. */
const OF_KEY = /^(?:config\.api_key_malformed$|auth\.|access\.|billing\.|rate\.|quota\.)/;

/** Questions that are put with the key. The standby key is read anew each time. */
const isKeyed = (name: string): boolean => /^(?:models$|chat:|stream:|model:|region:)/.test(name);

/** Limits are noted once all have answered, so that a model that is limited is not asked twice. */
const OF_LIMIT = /^(?:rate|quota)\./;

/** The standby key and other regions may refuse for themselves. */
const isOfKey = ({ name, branch }: Finding): boolean => isNeeded(name) && branch !== undefined && OF_KEY.test(branch);

const isRefusal = (answer: ProbeAnswer): boolean => {
  const finding = judge(answer);
  return isOfKey(finding) && !OF_LIMIT.test(finding.branch ?? '');
};

/**
 * Before anybody blames a key, it is looked whether there is another one by now: at the first refusal, while the others are still being
 * asked. Then what is put with the key is asked again with the present one, within what is left of the same deadline.
 */
export const askWithPresentKey = async (
  parts: AskParts,
  target: ServiceTarget,
  { onAnswer, how }: Listening,
): Promise<readonly Finding[]> => {
  const endMs = parts.clock.nowMs() + parts.settings.probeDeadlineMs;
  const readKey = ({ fresh }: Pick<Reading, 'fresh'>) =>
    parts.secrets.value(target.secretId, { label: 'AWSCURRENT' }, { fresh }).catch(() => null);
  const key = await readKey(how);
  const heard = hearRounds(onAnswer);
  const askAgain = async (): Promise<readonly Finding[]> => {
    const present = await readKey({ fresh: true });
    if (present === null || present === key) return [];
    const deadlineMs = Math.max(1, Math.min(endMs - parts.clock.nowMs(), parts.settings.probeDeadlineMs));
    return askProbes(parts, target, { key: present, onAnswer: heard.again(), how, deadlineMs, only: isKeyed });
  };
  let again: Promise<readonly Finding[]> | null = null;
  const listen: OnAnswer = (answer, openCount) => {
    heard.first(answer, openCount);
    if (again !== null || !isRefusal(answer)) return;
    again = askAgain();
    // Its failure is that of the whole, once the first round has ended.
    again.catch(() => undefined);
  };
  const deadlineMs = parts.settings.probeDeadlineMs;
  const first = await askProbes(parts, target, { key, onAnswer: listen, how, deadlineMs });
  if (again === null && first.some(isOfKey)) again = askAgain();
  return replace(first, again === null ? [] : await again);
};

/** What a key that is gone says is not told any more once the present one is asked with. */
const hearRounds = (onAnswer: OnAnswer | undefined) => {
  let [openFirst, openAgain] = [0, 0];
  let isAgain = false;
  return {
    first: (answer: ProbeAnswer, openCount: number): void => {
      openFirst = openCount;
      if (!isAgain || !isKeyed(answer.name)) onAnswer?.(answer, openFirst + openAgain);
    },
    again: (): OnAnswer => {
      isAgain = true;
      return (answer, openCount) => {
        openAgain = openCount;
        onAnswer?.(answer, openFirst + openAgain);
      };
    },
  };
};

/** A limit that was just met is that of the account: what is not asked again for its sake stays as it was. */
const isStillLimited = ({ branch }: Finding, again: Finding): boolean =>
  (again.outcome === 'unknown' || isCarried(again)) && branch !== undefined && OF_LIMIT.test(branch);

const replace = (first: readonly Finding[], again: readonly Finding[]): readonly Finding[] => {
  const byName = new Map(again.map((finding) => [finding.name, finding]));
  return first.map((old) => {
    const present = byName.get(old.name);
    return present === undefined || isStillLimited(old, present) ? old : present;
  });
};

type Asking = Listening & Pick<ProbeInput, 'key' | 'deadlineMs' | 'only'>;

const askProbes = async (
  parts: AskParts,
  target: ServiceTarget,
  { key, onAnswer, how, deadlineMs, only }: Asking,
): Promise<readonly Finding[]> => {
  const { askedMs, withheld, hear } = await spendOnProbes(parts, target, { isRoutine: !how.fresh });
  const asking: ProbeInput = {
    target,
    key,
    mistral: parts.mistral,
    health: parts.health,
    sources: parts.sources,
    // Always the one of now: whether it is good decides whether rotating is offered.
    readStandby: () => parts.secrets.value(target.secretId, { label: 'STANDBY' }, { fresh: true }),
    withheld,
    clock: parts.clock,
    wait: parts.wait,
    deadlineMs,
    ...(only ? { only } : {}),
    onAnswer: (answer, openCount) => {
      hear(judge(answer));
      onAnswer?.(answer, openCount);
    },
  };
  const answers = await (how.explains === 'trouble' && only === undefined ? askInSteps(asking) : runProbes(asking));
  const findings = answers.map(judge);
  await noteProbes(parts, target, { askedMs, findings });
  return findings;
};

/** So much of the deadline is left for what explains, whatever the first questions took. */
const LEAST_SHARE = 1 / 3;

/** What explains trouble only where the first questions leave room for some. */
const askInSteps = async (asking: ProbeInput): Promise<readonly ProbeAnswer[]> => {
  const startedMs = asking.clock.nowMs();
  const first = await runProbes({ ...asking, only: isFirstQuestion });
  if (!first.some(isTrouble)) return first;
  const leftMs = asking.deadlineMs - Math.max(0, asking.clock.nowMs() - startedMs);
  const deadlineMs = Math.ceil(Math.max(leftMs, asking.deadlineMs * LEAST_SHARE));
  const only = (name: string): boolean => !isFirstQuestion(name);
  return [...first, ...(await runProbes({ ...asking, only, deadlineMs, inTrouble: true }))];
};
