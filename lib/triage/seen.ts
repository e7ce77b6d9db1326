import type { Branch } from '../domain/branch.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { isCarried, isSlowChat, lateMsIn, textFact } from '../domain/finding-facts.ts';
import { type Before, beginningOf, findDeploy, findEarlier } from './deploy.ts';
import { hasCollapsed, readTraffic, type Traffic } from './impact.ts';
import { isNearlySpent, readWindows } from './limits.ts';
import { findStorm } from './retry-storm.ts';
import { type Asked, sharpen } from './sharpen.ts';

/** What was asked and what should have been; a question that nobody asked is one without an answer. */
export type Seen = {
  /** The model list, the chats, the streams: failures with the branch that second questions point to. */
  readonly mistral: readonly Finding[];
  readonly health: Finding | null;
  readonly traffic: Traffic | null;
  readonly storm: Finding | null;
  readonly deploy: NonNullable<Diagnosis['sinceDeploy']> | null;
  /** Our last deploy where it went out within the hour before, though not right before. */
  readonly earlier: Before | null;
  readonly regions: readonly Finding[];
  readonly asked: Asked;
  /** Whether no question got any answer from Mistral. */
  readonly isSilent: boolean;
  /** How long the slowest chat of one token took, where Mistral answers everything and that is trouble; null: it is none. */
  readonly lateMs: number | null;
  readonly atMs: number;
};

const missing = (name: string, question: string): Finding => ({
  name,
  question,
  outcome: 'unknown',
  latencyMs: 0,
  why: 'not asked',
});

const askMistral = (asked: Asked, models: readonly string[]): readonly Finding[] => {
  const named = [...new Set(models)];
  const chats = named.map(
    (model) => asked(`chat:${model}`) ?? missing(`chat:${model}`, `Does ${model} answer a chat of one token?`),
  );
  const streams = named.map((model) => asked(`stream:${model}`)).filter((stream) => stream !== null);
  const noModel = missing('chat', 'Does a model answer? None is configured.');
  return [
    asked('models') ?? missing('models', 'Does the Mistral API answer our key?'),
    ...(chats.length === 0 ? [noModel] : chats),
    ...streams,
  ];
};

/** What came too late for people to wait for did not come in time. */
const asLate = (finding: Finding): Finding =>
  isSlowChat(finding) ? { ...finding, outcome: 'failed', branch: 'timeout.headers' } : finding;

/** Where the list of models fails now, with what meets every call, what a model answered before says nothing of now. */
const forgetBefore = (mistral: readonly Finding[]): readonly Finding[] => {
  if (mistral[0]?.outcome !== 'failed') return mistral;
  return mistral.map((one): Finding => {
    if (!isCarried(one)) return one;
    const { branch: _branch, evidence: _evidence, ...rest } = one;
    return { ...rest, outcome: 'unknown' };
  });
};

/** Our service fails since a deploy of ours: one slow look must not hide it. */
const isOfItsOwn = ({ health, traffic, deploy }: Pick<Seen, 'health' | 'traffic' | 'deploy'>): boolean =>
  deploy !== null && (health?.outcome === 'failed' || traffic?.state === 'failing');

/** The questions of the tree in their order, and what else is known. */
export const see = (
  findings: readonly Finding[],
  models: readonly string[],
  { at, since = at }: { readonly at: string; readonly since?: string },
): Seen => {
  const byName = new Map(findings.toReversed().map((finding) => [finding.name, finding]));
  const asked: Asked = (name) => byName.get(name) ?? null;
  const mistral = forgetBefore(askMistral(asked, models));
  const isSilent = mistral.every(({ outcome, evidence }) => outcome !== 'ok' && evidence?.status === undefined);
  const isChatted = mistral.slice(1).some(({ outcome }) => outcome === 'ok');
  const traffic = readTraffic(asked('traffic'));
  const deployed = [asked('deployments'), traffic, beginningOf(at, since)] as const;
  const sharpened = mistral.map((finding) => sharpen(finding, asked, { isSilent, isChatted }));
  const [health, deploy] = [asked('health'), findDeploy(...deployed)];
  const lateMs = isOfItsOwn({ health, traffic, deploy }) ? null : lateMsIn(sharpened);
  return {
    mistral: lateMs === null ? sharpened : sharpened.map(asLate),
    health,
    traffic,
    storm: findStorm(traffic),
    deploy,
    earlier: findEarlier(...deployed),
    regions: [...byName.values()].filter(({ name }) => name.startsWith('region:')).toReversed(),
    asked,
    isSilent,
    lateMs,
    atMs: Date.parse(at),
  };
};

export const modelOf = ({ name }: Finding): string | null => /^(?:chat|stream):(.*)$/s.exec(name)?.[1] ?? null;

export const modelsOf = (findings: readonly Finding[]): readonly string[] => [
  ...new Set(findings.map(modelOf).filter((model) => model !== null)),
];

/** Whether several models are in use and each question to one fails in this way. */
export const isEveryModel = (branch: Branch, { mistral }: Pick<Seen, 'mistral'>): boolean =>
  modelsOf(mistral).length > 1 && mistral.slice(1).every((one) => one.branch === branch);

/** Nothing fails, and the calls of our service have become slow. */
export const isSlowOnly = ({ traffic, health }: Pick<Seen, 'traffic' | 'health'>): boolean =>
  traffic?.state === 'slow' && health?.outcome !== 'failed';

/** Hardly any call comes where many came, and nobody asked whether our service is up. */
export const isUnasked = ({ traffic, health }: Pick<Seen, 'traffic' | 'health'>): boolean =>
  health === null && traffic?.state === 'few' && hasCollapsed(traffic);

/** Models that answer us with next to nothing left of their limits: users may be refused at the same moment. */
export const nearlySpentModels = ({ mistral }: Pick<Seen, 'mistral'>): readonly string[] =>
  modelsOf(mistral.filter(({ outcome, evidence }) => outcome === 'ok' && readWindows(evidence).some(isNearlySpent)));

/** The secret that holds no key or cannot be read, as the model list's question tells it; null: there was a key to ask with. */
export const missingSecret = ({ mistral: [list] }: Pick<Seen, 'mistral'>): string | null =>
  list?.outcome === 'unknown' ? textFact(list, 'missingSecret') : null;

/** Whether our key is let in by the list or by a model. */
export const isKeyAccepted = ({ mistral }: Pick<Seen, 'mistral'>): boolean =>
  mistral.some(({ outcome }) => outcome === 'ok');

/** Regional endpoints that accept our key. */
export const openRegions = ({ regions }: Seen): readonly string[] =>
  regions.filter(({ outcome }) => outcome === 'ok').map(({ name }) => name.slice('region:'.length));
