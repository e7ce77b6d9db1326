import type { Finding, ProbeAnswer } from '../domain/diagnosis.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { type ProbeInput, runProbes } from '../probes/probe.ts';
import { isFirstQuestion, isTrouble } from '../probes/trouble.ts';
import { judge } from '../triage/judge.ts';
import { type Again, isKeyed, isOfKey, isRefusal, joinRounds } from '../triage/present-key.ts';
import type { Parts } from './parts.ts';
import { noteProbes, spendOnProbes } from './spend-on-probes.ts';

type AskParts = Pick<Parts, 'store' | 'secrets' | 'mistral' | 'health' | 'sources' | 'clock' | 'wait' | 'settings'>;

export type OnAnswer = NonNullable<ProbeInput['onAnswer']>;

/** `fresh`: the key is read anew. `explains`: whether what only explains trouble is asked when there is some, and not before. */
export type Reading = { readonly fresh: boolean; readonly explains?: 'always' | 'trouble' };
type Listening = { readonly onAnswer: OnAnswer | undefined; readonly how: Reading };

/**
 * Before anybody blames a key, it is looked whether there is another one by now: at the first refusal, while the others are still being
 * asked. Then what is put with the key is asked again with the present one, within what is left of the same deadline.
 */
export const askWithPresentKey = async (
  parts: AskParts,
  target: ServiceTarget,
  { onAnswer, how }: Listening,
): Promise<readonly Finding[]> => {
  const { clock, settings } = parts;
  const endMs = clock.nowMs() + settings.probeDeadlineMs;
  const readKey = ({ fresh }: Pick<Reading, 'fresh'>) =>
    parts.secrets.value(target.secretId, { label: 'AWSCURRENT' }, { fresh }).catch(() => null);
  const key = await readKey(how);
  const heard = hearRounds(onAnswer);
  const askAgain = async (): Promise<Again> => {
    const present = await readKey({ fresh: true });
    if (present === null || present === key) return [];
    if (endMs - clock.nowMs() < leastMs(settings)) return 'late';
    return askProbes(parts, target, { key: present, onAnswer: heard.again(), how, endMs, only: isKeyed });
  };
  let again: Promise<Again> | null = null;
  const listen: OnAnswer = (answer, openCount) => {
    heard.first(answer, openCount);
    if (again !== null || !isRefusal(judge(answer))) return;
    again = askAgain();
    // Its failure is that of the whole, once the first round has ended.
    again.catch(() => undefined);
  };
  const first = await askProbes(parts, target, { key, onAnswer: listen, how, endMs });
  if (again === null && first.some(isOfKey)) again = askAgain();
  return joinRounds(first, again === null ? [] : await again);
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

/** With less time than this no question is begun: its answer could say nothing. */
const leastMs = ({ probeDeadlineMs }: Parts['settings']): number => Math.min(1_000, probeDeadlineMs / 4);

type Asking = Listening & Pick<ProbeInput, 'key' | 'only'> & { readonly endMs: number };

const askProbes = async (
  parts: AskParts,
  target: ServiceTarget,
  { key, onAnswer, how, endMs, only }: Asking,
): Promise<readonly Finding[]> => {
  const wholeMs = parts.settings.probeDeadlineMs;
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
    // A clock that was set back gives nobody more time.
    deadlineMs: Math.min(wholeMs, Math.max(endMs - parts.clock.nowMs(), leastMs(parts.settings))),
    wholeMs,
    ...(only ? { only } : {}),
    onAnswer: (answer, openCount) => {
      hear(judge(answer));
      onAnswer?.(answer, openCount);
    },
  };
  const answers = await (how.explains === 'trouble' && only === undefined
    ? askInSteps(asking, leastMs(parts.settings))
    : runProbes(asking));
  const findings = answers.map(judge);
  await noteProbes(parts, target, { askedMs, findings });
  return findings;
};

/** So much of the deadline the first questions may take: what is left is for what explains. */
const FIRST_SHARE = 2 / 3;

/** What explains trouble only where the first questions leave room for some. */
const askInSteps = async (asking: ProbeInput, least: number): Promise<readonly ProbeAnswer[]> => {
  const { clock, deadlineMs } = asking;
  const startedMs = clock.nowMs();
  const first = await runProbes({ ...asking, only: isFirstQuestion, deadlineMs: Math.ceil(deadlineMs * FIRST_SHARE) });
  if (!first.some(isTrouble)) return first;
  const leftMs = Math.max(least, deadlineMs - Math.max(0, clock.nowMs() - startedMs));
  const only = (name: string): boolean => !isFirstQuestion(name);
  return [...first, ...(await runProbes({ ...asking, only, deadlineMs: leftMs, inTrouble: true }))];
};
