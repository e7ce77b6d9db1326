import type { Branch } from '../domain/branch.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { moreSevere, type Severity } from '../domain/severity.ts';
import { BRANCH_FACTS } from './branches.ts';
import { firstInTree } from './order.ts';
import { type Seen, see } from './seen.ts';
import { describeAppUnknown, describeHealthy, describeProblem, describeUnknown, drawPath, nextSteps } from './tell.ts';

export type DiagnoseContext = {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly service: string;
  readonly models: readonly string[];
  readonly standby: 'present' | 'absent' | 'unknown';
};

type Conclusion = Pick<Diagnosis, 'verdict' | 'branch' | 'owner' | 'severity' | 'confidence' | 'cause'>;

const isFailed = (finding: Finding | null): finding is Finding => finding?.outcome === 'failed';
const isBlind = (finding: Finding | null): boolean => finding?.outcome === 'unknown';
const branchOf = (finding: Finding): Branch =>
  finding.branch === undefined || finding.branch === 'healthy' ? 'unknown' : finding.branch;

const severest = (branches: readonly Branch[]): Severity =>
  branches.map((branch) => BRANCH_FACTS[branch].severity ?? 'P4').reduce(moreSevere, 'P4');

/** Branches that more than one thing can cause, or that leave open whose it is. */
const VAGUE: readonly Branch[] = [
  'net.refused',
  'net.reset',
  'net.connect_timeout',
  'net.unknown',
  'model_or_route.not_found',
  'access.forbidden',
  'client.unexpected',
  'unknown',
];

const confidenceAfter = (...doubts: readonly boolean[]): Diagnosis['confidence'] => {
  const count = doubts.filter(Boolean).length;
  if (count === 0) return 'high';
  return count === 1 ? 'medium' : 'low';
};

/** A network or a time limit stops some questions for a while, and is an outage where no question comes through at all. */
const severityOf = (branches: readonly Branch[], seen: Seen): Severity => {
  const isCutOff =
    branches.every((branch) => /^(?:net|timeout)\./.test(branch)) && seen.mistral.every((one) => one.outcome !== 'ok');
  return isCutOff ? 'P1' : severest(branches);
};

/** At least one question to Mistral failed. Which failure speaks for all is decided by the order of the tree. */
const concludeMistral = (seen: Seen): Conclusion => {
  const failed = seen.mistral.filter(isFailed);
  const branches = failed.map(branchOf);
  const branch = firstInTree(branches);
  const [models, ...chats] = seen.mistral;
  const isListOnly = isFailed(models ?? null) && chats.every((chat) => chat.outcome === 'ok');
  const isSilent = seen.mistral.every((one) => one.outcome !== 'ok' && one.evidence?.status === undefined);
  const isTimeout = branch === 'timeout.headers';
  return {
    verdict: 'problem',
    branch,
    // Where nothing at all came back in time, Mistral and the way there look alike.
    owner: isTimeout && isSilent ? 'between' : BRANCH_FACTS[branch].owner,
    severity: isListOnly ? 'P3' : severityOf(branches, seen),
    confidence: confidenceAfter(
      new Set(branches).size > 1 || isListOnly,
      VAGUE.includes(branch) || (isTimeout && isSilent),
      seen.mistral.some(isBlind),
    ),
    cause: describeProblem(branch, seen, { isListOnly, isSilent: isTimeout && isSilent }),
  };
};

const concludeApp = (seen: Seen): Conclusion => {
  const isSure = seen.mistral.every((one) => one.outcome === 'ok');
  const branch = isSure ? 'app.errors' : 'unknown';
  const confidence = isSure ? 'high' : 'low';
  const { severity } = BRANCH_FACTS['app.errors'];
  const cause = isSure ? describeProblem(branch, seen) : describeAppUnknown(seen);
  return { verdict: 'problem', branch, owner: BRANCH_FACTS[branch].owner, severity, confidence, cause };
};

const conclude = (seen: Seen): Conclusion => {
  if (seen.mistral.some(isFailed)) return concludeMistral(seen);
  if (isFailed(seen.health)) return concludeApp(seen);
  if (seen.mistral.some(isBlind) || isBlind(seen.health)) {
    const { owner, severity } = BRANCH_FACTS.unknown;
    return { verdict: 'unknown', branch: 'unknown', owner, severity, confidence: 'low', cause: describeUnknown(seen) };
  }
  const confidence = seen.health === null ? 'medium' : 'high';
  return {
    verdict: 'healthy',
    branch: 'healthy',
    owner: 'none',
    severity: null,
    confidence,
    cause: describeHealthy(seen),
  };
};

/**
 * Findings to a diagnosis: does Mistral answer our key, does each model answer, is our own service well. Healthy only when everything that
 * matters was asked and answered well. The mitigations are planned afterwards by `planMitigations`.
 */
export const diagnose = (findings: readonly Finding[], context: DiagnoseContext): Diagnosis => {
  const seen = see(findings, context.models);
  const conclusion = conclude(seen);
  return {
    ...conclusion,
    path: drawPath(seen, conclusion),
    probes: findings,
    mitigations: [],
    notOffered: [],
    nextSteps: nextSteps(conclusion.branch, context),
    at: context.at,
  };
};
