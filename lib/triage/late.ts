import type { Branch, Owner } from '../domain/branch.ts';
import type { Finding } from '../domain/diagnosis.ts';
import { isSlowChat, isSlowStream } from '../domain/finding-facts.ts';
import { roughSeconds } from '../domain/finding-words.ts';
import { nameIn } from '../domain/plain-text.ts';
import type { Severity } from '../domain/severity.ts';
import { rate } from './impact.ts';
import { splitLatency } from './latency.ts';
import { listNames } from './say.ts';
import { modelsOf, type Seen } from './seen.ts';
import { proxyOf } from './sharpen.ts';

/** A connection that takes less than this keeps nobody waiting. */
const FAST_MS = 1_000;

/** Mistral answers, and one token takes so long that people do not wait for it: nothing else is wrong with it. */
export const isLate = (branch: Branch, { lateMs }: Pick<Seen, 'lateMs'>): boolean =>
  branch === 'timeout.headers' && lateMs !== null;

const askedAsLate = ({ mistral, asked }: Seen): readonly Finding[] =>
  mistral.flatMap(({ name }) => asked(name) ?? []).filter(isSlowChat);

/** Who has no key waits as long, though Mistral need only refuse: it is the way, or the edge, and not a model. */
const isLateForAll = (seen: Seen): boolean => {
  const path = seen.asked('path');
  return path !== null && path.outcome !== 'unknown' && path.latencyMs > (seen.lateMs ?? 0) / 2;
};

/** Both the list and who has no key are answered fast: they go the same way as the chat. */
const isRefusedFast = ({ mistral: [list], asked }: Seen): boolean =>
  [list ?? null, asked('path')].every((one) => one?.outcome === 'ok' && one.latencyMs < FAST_MS);

/**
 * Theirs where the headers say that the time went by behind the edge, or where the way there and the edge are fast; through a proxy that
 * is not seen.
 */
export const lateOwner = (seen: Seen): Owner => {
  const late = askedAsLate(seen);
  const { connectMs = null, upstreamMs = null } = splitLatency(late, seen.asked('connect')) ?? {};
  if (upstreamMs !== null) return upstreamMs >= (seen.lateMs ?? 0) / 2 ? 'theirs' : 'between';
  const isWayFast = connectMs === null ? isRefusedFast(seen) : connectMs < FAST_MS;
  return isWayFast && !isLateForAll(seen) && proxyOf(seen.asked) === null ? 'theirs' : 'between';
};

const quickModels = ({ mistral }: Seen): readonly string[] =>
  modelsOf(mistral.filter(({ outcome }) => outcome === 'ok'));

export const lateSeverity = (seen: Seen): Severity => {
  const usual = quickModels(seen).length > 0 ? 'P3' : 'P2';
  return seen.traffic?.state === 'failing' ? rate(usual, false, seen.traffic) : usual;
};

/** `Mistral answers, but slowly: one token took about 8 s (usually under 1 s)`. */
export const tellLate = (seen: Seen): string => {
  const quick = quickModels(seen);
  const who = quick.length === 0 ? 'Mistral' : listNames(modelsOf(askedAsLate(seen)));
  const verb = quick.length > 0 && askedAsLate(seen).length > 1 ? 'answer' : 'answers';
  const others = quick.length === 0 ? '' : `; ${listNames(quick)} ${quick.length === 1 ? 'is' : 'are'} quick`;
  const all = isLateForAll(seen) ? '; a call without a key waits as long' : '';
  return `${who} ${verb}, but slowly: one token took about ${roughSeconds(seen.lateMs ?? 0)} s (usually under 1 s)${all}${others}`;
};

export const lateSteps = (seen: Seen): readonly string[] => [
  'Enable the fallback if users are hurt.',
  lateOwner(seen) === 'theirs'
    ? 'Send the correlation ids of the probes to Mistral support if it stays.'
    : 'Ask the same chat from another network: as slow there means that it is Mistral.',
];

const MOST_TOLD = 2;

/** A model whose token comes late is not well, though it answers. */
export const tellWell = (models: readonly string[], { asked }: Seen): readonly string[] => {
  const late = models.flatMap((model) => {
    const slow = [asked(`chat:${model}`), asked(`stream:${model}`)].find(
      (one) => one !== null && (isSlowChat(one) || isSlowStream(one)),
    );
    return slow ? [[model, roughSeconds(slow.latencyMs)] as const] : [];
  });
  const quick = models.filter((model) => late.every(([name]) => name !== model));
  return [
    ...(quick.length === 0 ? [] : [`${listNames(quick)} ${quick.length === 1 ? 'answers' : 'answer'}`]),
    ...late
      .slice(0, MOST_TOLD)
      .map(([model, seconds]) => `${nameIn(model)} answers slowly, about ${seconds} s for a token`),
  ];
};

/** What is slow beside a failure of our own service, of which it need not be the cause. */
export const tellSlowBeside = (seen: Seen): string => {
  const slow = tellWell(modelsOf(seen.mistral.filter(isSlowChat)), seen);
  return slow.length === 0 ? '' : `; ${slow.join('; ')}`;
};
