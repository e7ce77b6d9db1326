import type { Drill } from '../domain/ahead.ts';
import type { Branch } from '../domain/branch.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { isSlowChat, isSlowStream, lateMsIn } from '../domain/finding-facts.ts';
import { roughSeconds } from '../domain/finding-words.ts';
import { findWhy, type Rule } from './plan-rules.ts';

/** What is known besides the findings. */
export type PlanContext = {
  readonly standby: 'present' | 'absent' | 'unknown';
  readonly secretId: string;
  /** Who can provide a standby key, and how; absent: whoever has the secret. */
  readonly keysLiveIn?: 'local' | 'embedded' | 'aws';
  /** Mistral's models that the application calls where its own do not answer, in their order; none: its other way is not known. */
  readonly fallbackModels?: readonly string[];
  /** The last rehearsal of the first of them; null: not known. */
  readonly drill?: Drill | null;
  /** What is published or configured as coming after a model, by model. Names of people's making, not of the API's. */
  readonly replacements?: Readonly<Record<string, string>>;
};

export type Planned = Pick<Diagnosis, 'branch' | 'verdict'> &
  Partial<Pick<Diagnosis, 'owner' | 'probes' | 'matrix' | 'sinceDeploy' | 'nextSteps' | 'impact'>>;

/**
 * Worth pressing, useless, or neither: then nothing is said. `model` is the one to switch to; `lacks` says that it is not useless, and
 * what it lacks.
 */
export type Judgement =
  | { readonly helps: string; readonly model?: string }
  | { readonly useless: string; readonly lacks?: 'standby' }
  | null;

export const judgeBy = (helps: readonly Rule[], useless: readonly Rule[], branch: Branch): Judgement => {
  const why = findWhy(helps, branch);
  if (why !== null) return { helps: why };
  const whyNot = findWhy(useless, branch);
  return whyNot === null ? null : { useless: whyNot };
};

export const probeOf = ({ probes = [] }: Planned, name: string): Finding | null =>
  probes.find((probe) => probe.name === name) ?? null;

/** How long the slowest chat of one token took, in milliseconds, where it is that Mistral answers slowly; null: it is something else. */
export const lateMsOf = ({ branch, probes = [] }: Planned): number | null =>
  branch === 'timeout.headers' ? lateMsIn(probes) : null;

/** How long one token took, whole or streamed, with a model that answers too slowly for people to wait, in milliseconds; null: it does not. */
export const slowMsOf = ({ probes = [] }: Planned, model: string): number | null =>
  probes.find(
    (probe) =>
      (probe.name === `chat:${model}` && isSlowChat(probe)) ||
      (probe.name === `stream:${model}` && isSlowStream(probe)),
  )?.latencyMs ?? null;

/** `answers slowly, in about 12 s for one token`. */
export const tellSlow = (slowMs: number): string => `answers slowly, in about ${roughSeconds(slowMs)} s for one token`;

/** Models in use that answer whole and, where that is asked, streamed, and for which people wait. */
export const quickModels = (planned: Planned): readonly string[] =>
  (planned.matrix ?? []).flatMap(({ model, outcome }) =>
    outcome === 'ok' && slowMsOf(planned, model) === null ? [model] : [],
  );

const MINUTE_LEFT = /^(?:x-)?ratelimit(?:bysize)?-remaining(?:-(?:req|requests|tokens))?(?:-minute)?$/;

/** Whether a limit of the minute is said to refuse although its headers show something left of each. */
export const isRefusedWithRoom = ({ probes = [] }: Planned): boolean =>
  probes.some(({ outcome, branch, evidence }) => {
    const left = Object.entries(evidence?.rateLimits ?? {}).filter(([name]) => MINUTE_LEFT.test(name));
    return (
      outcome === 'failed' &&
      branch === 'rate.minute' &&
      left.length > 0 &&
      left.every(([, value]) => Number(value) > 0)
    );
  });

/** Several models are in use and each fails in the way that speaks for all. */
export const isEveryModelAlike = ({ matrix = [], branch }: Planned): boolean =>
  matrix.length > 1 && matrix.every((row) => row.outcome === 'failed' && row.branch === branch);

/** Whether a model in use answers whole and, where that is asked, streamed. */
export const isSomeModelWell = ({ matrix = [] }: Planned): boolean => matrix.some(({ outcome }) => outcome === 'ok');
