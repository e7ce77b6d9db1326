import { type FactSource, type NetworkCalls, NO_SOURCES, type ProbeSources } from '../ports/probe-sources.ts';
import type { HealthCalls, MistralCalls, ServiceTarget } from '../ports/probes.ts';
import type { Clock } from '../ports/world.ts';
import { certificateHolds } from './certificate-holds.ts';
import { chatAnswers, unlessNoChat } from './chat-answers.ts';
import { clockAgrees, type ServerTime } from './clock-agrees.ts';
import { keyAsStored } from './key-as-stored.ts';
import { keyLives } from './key-lives.ts';
import { modelCard } from './model-card.ts';
import { modelsAnswer } from './models-answer.ts';
import { nameResolves } from './name-resolves.ts';
import { pathOpen } from './path-open.ts';
import { portOpens } from './port-opens.ts';
import type { Answered, Probe } from './probe-answer.ts';
import type { Spending } from './probe-budget.ts';
import { proxyInWay } from './proxy-in-way.ts';
import { recentDeployments } from './recent-deployments.ts';
import { regionAnswers } from './region-answers.ts';
import { serviceHealth } from './service-health.ts';
import { spendLeft } from './spend-left.ts';
import { type ReadStandby, standbyKey } from './standby-key.ts';
import { statusPage } from './status-page.ts';
import { streamAnswers } from './stream-answers.ts';
import { traffic } from './traffic.ts';

/** By what is asked: a list, a generation, the service itself, a step of the way, somebody else's numbers. */
export type Limits = {
  readonly models: number;
  readonly chat: number;
  readonly health: number;
  readonly network: number;
  readonly source: number;
};

export const DEFAULT_LIMITS_MS: Limits = { models: 10_000, chat: 10_000, health: 5_000, network: 4_000, source: 5_000 };

export type PlanInput = {
  readonly target: ServiceTarget;
  /** null: no key is stored, or it could not be read. */
  readonly key: string | null;
  readonly mistral: MistralCalls;
  readonly health: HealthCalls;
  readonly sources?: ProbeSources;
  /** Absent: whether a standby key is good is not asked. */
  readonly readStandby?: ReadStandby;
  readonly clock: Clock;
};

/** `matters`: the verdict waits for it. What does not matter is evidence where it comes in time, and never holds anybody up. */
export type Planned = { readonly probe: Probe; readonly limitMs: number; readonly matters: boolean };

/** Five that are sent and one that is answered; a stream of one token costs the same. */
const CHAT_TOKENS = 6;

/** What the questions to a service cost, in the order in which they may have the budget. */
export const spendingOf = (target: ServiceTarget): readonly Spending[] =>
  ['chat', ...(target.streams === true ? ['stream'] : [])].flatMap((kind) =>
    named(target).map((model) => ({ name: `${kind}:${model}`, model, tokens: CHAT_TOKENS })),
  );

const askWithoutKey = (secretId: string) => (): Promise<Answered> =>
  Promise.resolve({
    outcome: 'unknown',
    why: `no key is stored under ${secretId}, or it cannot be read`,
    latencyMs: 0,
    facts: { missingSecret: secretId },
  });

const named = (target: ServiceTarget): readonly string[] => [...new Set(target.models)];

/** The same answer for everybody; the first who asks sets the limit. */
const askedOnce = (probe: Probe): Probe => {
  let asked: Promise<Answered> | null = null;
  return {
    ...probe,
    ask: (timeoutMs) => {
      asked ??= probe.ask(timeoutMs);
      return asked;
    },
  };
};

/** Questions to the API with the service's own key. */
const planKeyed = ({ target, mistral, sources = NO_SOURCES }: PlanInput, key: string, limits: Limits) => {
  const models = named(target);
  const free = (probe: Probe, matters = true): Planned => ({ probe, limitMs: limits.models, matters });
  const cards = models.map((model) => ({ model, card: askedOnce(modelCard(mistral, key, model)) }));
  const paid = (probeOf: typeof chatAnswers) =>
    cards.map(({ model, card }): Planned => {
      const probe = probeOf(mistral, key, model);
      return { probe: { ...probe, ask: unlessNoChat(card.ask, probe.ask) }, limitMs: limits.chat, matters: true };
    });
  return [
    free(modelsAnswer(mistral, key)),
    ...paid(chatAnswers),
    ...(target.streams === true ? paid(streamAnswers) : []),
    ...cards.map(({ card }) => free(card)),
    ...sources.regions.map((region) => free(regionAnswers(region, key), false)),
  ];
};

/** Questions to the API, each of which may bring home what time it is there. Without a key those that need one stay, unanswered. */
const planApi = (input: PlanInput, limits: Limits): readonly Planned[] => {
  const key = input.key?.trim() ?? '';
  const ask = askWithoutKey(input.target.secretId);
  const keyed: readonly Planned[] = planKeyed(input, key, limits).map((planned) =>
    key === '' ? { ...planned, probe: { ...planned.probe, ask } } : planned,
  );
  const others = [
    ...(input.readStandby ? [standbyKey(input.mistral, input.readStandby)] : []),
    pathOpen(input.mistral),
    ...(key === input.key || key === '' ? [] : [keyAsStored(input.target.secretId)]),
  ].map((probe) => ({ probe, limitMs: limits.models, matters: true }));
  return [...keyed, ...others];
};

/** Where calls take a proxy, its name and its port are what this side must reach; the certificate is seen through it. */
const planWay = (network: NetworkCalls, limitMs: number): readonly Planned[] => {
  const url = URL.parse(network.apiUrl);
  if (url === null) return [];
  const proxy = network.proxyOf(network.apiUrl);
  const way = URL.parse(proxy === null ? network.apiUrl : `http://${proxy}`) ?? url;
  const host = way.hostname.replace(/^\[|\]$/g, '');
  const port = Number(way.port) || (way.protocol === 'https:' ? 443 : 80);
  const isNumber = /^[\d.]+$/.test(host) || host.includes(':');
  const isProxy = proxy !== null;
  const apiHost = url.hostname.replace(/^\[|\]$/g, '');
  const probes = [
    ...(isNumber ? [] : [nameResolves(network, { host, isProxy })]),
    portOpens(network, { host, port, isProxy }),
    ...(url.protocol === 'https:'
      ? [certificateHolds(network, { host: apiHost, port: Number(url.port) || 443, isProxied: isProxy })]
      : []),
    proxyInWay(network),
  ];
  return probes.map((probe) => ({ probe, limitMs, matters: true }));
};

const planSources = ({ target, clock, sources = NO_SOURCES }: PlanInput, limitMs: number): readonly Planned[] => {
  const isFor = (source: FactSource): boolean => source.isFor?.(target) !== false;
  const { statusPage: page, admin } = sources;
  const [metrics, deployments] = [sources.traffic.filter(isFor), sources.deployments.filter(isFor)];
  return [
    ...(metrics.length === 0 ? [] : [{ probe: traffic(metrics, target), limitMs, matters: true }]),
    ...[
      ...(deployments.length === 0 ? [] : [recentDeployments(deployments, target, clock)]),
      ...(page === null ? [] : [statusPage(page, target)]),
      ...(admin === null ? [] : [spendLeft(admin.spend, target)]),
      ...(admin === null || !isFor(admin.keys) ? [] : [keyLives(admin.keys, target)]),
    ].map((probe) => ({ probe, limitMs, matters: false })),
  ];
};

/**
 * Each question tells the first who listens what time its answer says that it is. `serverTime` is asked after all of them have begun, and
 * says null when the last has ended without one: those of the plan that are not put this time are not waited for.
 */
const listenForTime = (
  planned: readonly Planned[],
  clock: Clock,
): { readonly planned: readonly Planned[]; readonly serverTime: () => Promise<ServerTime | null> } => {
  const { promise, resolve } = Promise.withResolvers<ServerTime | null>();
  let [openCount, isAwaited] = [0, false];
  const endIfLast = (): void => {
    if (isAwaited && openCount === 0) resolve(null);
  };
  const listen = (answered: Answered | null): void => {
    const serverMs = Date.parse(answered?.evidence?.serverDate ?? '');
    if (Number.isFinite(serverMs)) resolve({ ourMs: clock.nowMs(), serverMs });
    openCount -= 1;
    endIfLast();
  };
  const ask = async ({ probe }: Planned, timeoutMs: number): Promise<Answered> => {
    openCount += 1;
    let answered: Answered | null = null;
    try {
      answered = await probe.ask(timeoutMs);
      return answered;
    } finally {
      listen(answered);
    }
  };
  return {
    serverTime: () => {
      isAwaited = true;
      endIfLast();
      return promise;
    },
    planned: planned.map((one) => ({ ...one, probe: { ...one.probe, ask: (timeoutMs) => ask(one, timeoutMs) } })),
  };
};

/** Every question for a service, in the order in which they are told. Without a key the questions that need one stay in the list, unanswered. */
export const planProbes = (input: PlanInput, limits: Limits): readonly Planned[] => {
  const { target, health, sources = NO_SOURCES } = input;
  const { planned: api, serverTime } = listenForTime(planApi(input, limits), input.clock);
  const clock = { probe: clockAgrees(serverTime), limitMs: limits.models, matters: true };
  return [
    ...api,
    ...(sources.network === null ? [] : [...planWay(sources.network, limits.network), clock]),
    ...(target.healthUrl === null
      ? []
      : [{ probe: serviceHealth(health, target, target.healthUrl), limitMs: limits.health, matters: true }]),
    ...planSources(input, limits.source),
  ];
};
