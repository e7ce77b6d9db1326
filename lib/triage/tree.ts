import type { Branch } from '../domain/branch.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { BRANCH_FACTS } from './branches.ts';
import { isBlip } from './contradictions.ts';
import { tellDetails } from './details.ts';
import { confidenceAfter, confidenceIn, ownerOf } from './doubts.ts';
import { fitSize } from './fit-size.ts';
import { hasCollapsed, hasRisen, isListOnly, rate, usualSeverity } from './impact.ts';
import { nextSteps } from './next-steps.ts';
import { firstInTree } from './order.ts';
import { drawPath } from './path.ts';
import { isSlowOnly, nearlySpentModels, type Seen, see } from './seen.ts';
import * as tell from './tell.ts';

export type DiagnoseContext = {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly service: string;
  readonly models: readonly string[];
  readonly standby: 'present' | 'absent' | 'unknown';
  /** When the incident began that asks, ISO 8601 UTC; absent: now. What it began with lies before that, however long it lasts. */
  readonly since?: string;
};

type Conclusion = Pick<Diagnosis, 'verdict' | 'branch' | 'owner' | 'severity' | 'confidence' | 'cause'>;

const isFailed = (finding: Finding | null | undefined): boolean => finding?.outcome === 'failed';
const branchOf = ({ branch }: Finding): Branch => (branch === undefined || branch === 'healthy' ? 'unknown' : branch);

/** At least one question to Mistral failed. Which failure speaks for all is decided by the order of the tree. */
const concludeMistral = (seen: Seen): Conclusion => {
  const branches = seen.mistral.filter(isFailed).map(branchOf);
  const branch = firstInTree(branches);
  const isTotal = seen.mistral.every(({ outcome }) => outcome !== 'ok');
  const listOnly = isListOnly(seen.mistral);
  const owner = ownerOf(branch, seen);
  const looksAlike = branch === 'timeout.headers' && owner === 'between';
  return {
    verdict: 'problem',
    branch,
    owner,
    severity: rate(isBlip(branch, seen) ? 'P3' : usualSeverity(branches, seen.mistral), isTotal, seen.traffic),
    confidence: confidenceIn(branch, seen, new Set(branches).size > 1 || listOnly),
    cause: tell.describeProblem(branch, seen, { isListOnly: listOnly, looksAlike }),
  };
};

/** Mistral is well as far as anybody knows, and our own service is not. */
const concludeOurs = (seen: Seen): Conclusion => {
  const isSure = seen.mistral.every(({ outcome }) => outcome !== 'unknown');
  const branch = seen.storm !== null ? 'app.retry_storm' : isSure ? 'app.errors' : 'unknown';
  const isBegun = seen.deploy !== null && (hasRisen(seen.traffic) === true || seen.traffic?.state === 'slow');
  const isMetricsOnly = !isFailed(seen.health) && !isBegun;
  const causes = {
    'app.errors': tell.describeApp,
    'app.retry_storm': tell.describeStorm,
    unknown: tell.describeAppUnknown,
  };
  return {
    verdict: 'problem',
    branch,
    owner: BRANCH_FACTS[branch].owner,
    // One call in twenty keeps people waiting: as many as make a failing share one that counts.
    severity: seen.traffic?.state === 'slow' ? 'P2' : rate('P2', false, seen.traffic),
    confidence:
      branch === 'unknown'
        ? 'low'
        : confidenceAfter(
            !isSure,
            seen.storm !== null || isMetricsOnly,
            (isMetricsOnly && isSlowOnly(seen)) || nearlySpentModels(seen).length > 0,
          ),
    cause: causes[branch](seen),
  };
};

const conclude = (seen: Seen): Conclusion => {
  const isServiceFailing = isFailed(seen.health) || seen.traffic?.state === 'failing' || seen.traffic?.state === 'slow';
  // A list that fails alone hurts no user, so it does not explain a service that fails.
  if (seen.mistral.some(isFailed) && !(isListOnly(seen.mistral) && isServiceFailing)) return concludeMistral(seen);
  if (isServiceFailing) return concludeOurs(seen);
  const isBlind = tell.blindNames(seen).length > 0;
  const branch = isBlind ? 'unknown' : 'healthy';
  const { owner, severity } = BRANCH_FACTS[branch];
  const isServiceAsked = seen.health !== null || seen.traffic?.state === 'fine';
  const confidence = isBlind ? 'low' : isServiceAsked && !hasCollapsed(seen.traffic) ? 'high' : 'medium';
  const cause = isBlind ? tell.describeUnknown(seen) : tell.describeHealthy(seen);
  return { verdict: branch, branch, owner, severity, confidence, cause };
};

/**
 * Findings to a diagnosis: does Mistral answer our key, does each model answer, is our own service well, and what do the second questions
 * say. Healthy only when everything that matters was asked and answered well. The mitigations are planned afterwards by `planMitigations`.
 */
export const diagnose = (findings: readonly Finding[], context: DiagnoseContext): Diagnosis => {
  const seen = see(findings, context.models, context);
  const conclusion = conclude(seen);
  return fitSize({
    ...conclusion,
    path: drawPath(seen, conclusion),
    probes: seen.storm === null ? findings : [...findings, seen.storm],
    mitigations: [],
    notOffered: [],
    nextSteps: nextSteps(conclusion.branch, seen, context),
    at: context.at,
    ...tellDetails(seen, conclusion),
  });
};
