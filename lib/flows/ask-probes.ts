import type { Finding, ProbeAnswer } from '../domain/diagnosis.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { type ProbeInput, runProbes } from '../probes/probe.ts';
import { isFirstQuestion, isTrouble } from '../probes/trouble.ts';
import { judge } from '../triage/judge.ts';
import type { Parts } from './parts.ts';
import { noteProbes, spendOnProbes } from './spend-on-probes.ts';

type AskParts = Pick<Parts, 'store' | 'secrets' | 'mistral' | 'health' | 'sources' | 'clock' | 'wait' | 'settings'>;

export type OnAnswer = (answer: ProbeAnswer) => void;

/** `fresh`: the key is read anew. `explains`: whether what only explains trouble is asked when there is some, and not before. */
export type Reading = { readonly fresh: boolean; readonly explains?: 'always' | 'trouble' };
type KeyReading = Pick<Reading, 'fresh'>;
type Listening = { readonly onAnswer: OnAnswer | undefined; readonly how: Reading };

/** What the service itself needs to be well. */
export const isNeeded = (name: string): boolean => /^(?:models$|chat:|stream:|health$)/.test(name);

/** Trouble that another key may not have. */
const OF_KEY = /^(?:config\.api_key_malformed$|auth\.|access\.|billing\.|rate\.|quota\.)/;

/** Before anybody blames a key, it is looked whether there is another one by now. */
export const askWithPresentKey = async (
  parts: AskParts,
  target: ServiceTarget,
  listening: Listening,
): Promise<readonly Finding[]> => {
  const readKey = ({ fresh }: KeyReading) =>
    parts.secrets.value(target.secretId, { label: 'AWSCURRENT' }, { fresh }).catch(() => null);
  const key = await readKey(listening.how);
  const findings = await askProbes(parts, target, { key, ...listening });
  // The standby key and other regions may refuse for themselves.
  if (!findings.some(({ name, branch = '' }) => OF_KEY.test(branch) && isNeeded(name))) return findings;
  const present = await readKey({ fresh: true });
  return present === null || present === key ? findings : askProbes(parts, target, { key: present, ...listening });
};

const askProbes = async (
  parts: AskParts,
  target: ServiceTarget,
  { key, onAnswer, how }: Listening & { readonly key: string | null },
): Promise<readonly Finding[]> => {
  const { askedMs, withheld } = await spendOnProbes(parts, target, { isRoutine: !how.fresh });
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
    deadlineMs: parts.settings.probeDeadlineMs,
    ...(onAnswer ? { onAnswer } : {}),
  };
  const answers = await (how.explains === 'trouble' ? askInSteps(asking) : runProbes(asking));
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
  return [...first, ...(await runProbes({ ...asking, only, deadlineMs, isTrouble: true }))];
};
