import type { Branch } from '../domain/branch.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import type { Severity } from '../domain/severity.ts';
import { BRANCH_FACTS } from './branches.ts';
import {
  areMostCallsFailing,
  isAnsweredInFront,
  isMetricsOnly,
  isNowhere,
  isOwnCodeOnly,
  isServiceFailing,
} from './cases.ts';
import { isBlip } from './contradictions.ts';
import { tellDetails } from './details.ts';
import { confidenceAfter, confidenceIn, ownerOf } from './doubts.ts';
import { fitSize } from './fit-size.ts';
import { hasCollapsed, isListOnly, rate, usualSeverity, waitingMs } from './impact.ts';
import { isLate, lateSeverity } from './late.ts';
import { rewordBy } from './leads.ts';
import { nextSteps } from './next-steps.ts';
import { firstInTree } from './order.ts';
import { drawPath } from './path.ts';
import { slowStreamMs } from './remarks.ts';
import { nearlySpentModels, type Seen, see } from './seen.ts';
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

const usualIn = (branch: Branch, branches: readonly Branch[], seen: Seen): Severity => {
  if (isBlip(branch, seen)) return 'P3';
  return isAnsweredInFront(seen) || isNowhere(branch, seen) ? 'P1' : usualSeverity(branches, seen.mistral);
};

/** Slow answers need not be why our service or its calls fail. */
const isMoreThanLate = (branch: Branch, seen: Seen): boolean =>
  isLate(branch, seen) && (isFailed(seen.health) || seen.traffic?.state === 'failing');

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
    severity: isLate(branch, seen) ? lateSeverity(seen) : rate(usualIn(branch, branches, seen), isTotal, seen.traffic),
    confidence: confidenceIn(branch, seen, new Set(branches).size > 1 || listOnly || isMoreThanLate(branch, seen)),
    cause: tell.describeProblem(branch, seen, { isListOnly: listOnly, looksAlike }),
  };
};

/** How sure we are that our service fails as we say, and that it is ours. */
const confidenceInOurs = (branch: Branch, seen: Seen): Diagnosis['confidence'] => {
  if (branch === 'unknown' || (isUnowned(branch, seen) && seen.storm === null)) return 'low';
  return confidenceAfter(
    seen.mistral.some(({ outcome }) => outcome === 'unknown'),
    seen.storm !== null || isMetricsOnly(seen) || areMostCallsFailing(seen) || seen.earlier !== null,
    nearlySpentModels(seen).length > 0,
  );
};

/** The metrics count calls to Mistral and do not say why they fail; a deploy right before does. */
const isUnowned = (branch: Branch, seen: Seen): boolean =>
  branch === 'app.errors' && isMetricsOnly(seen) && seen.deploy === null;

/** Mistral is well as far as anybody knows, and our own service is not. */
const concludeOurs = (seen: Seen): Conclusion => {
  const isSure = !isOwnCodeOnly(seen) && seen.mistral.every(({ outcome }) => outcome !== 'unknown');
  const branch = seen.storm !== null ? 'app.retry_storm' : isSure ? 'app.errors' : 'unknown';
  const causes = {
    'app.errors': tell.describeApp,
    'app.retry_storm': tell.describeStorm,
    unknown: tell.describeAppUnknown,
  };
  return {
    verdict: 'problem',
    branch,
    owner: isUnowned(branch, seen) ? 'unknown' : BRANCH_FACTS[branch].owner,
    // One call in twenty keeps people waiting: as many as make a failing share one that counts.
    severity: seen.traffic?.state === 'slow' ? 'P2' : rate('P2', false, seen.traffic),
    confidence: confidenceInOurs(branch, seen),
    cause: causes[branch](seen),
  };
};

/** Our own code around the calls failed, or gave them up: of Mistral nothing is known. */
const concludeOwnCode = (seen: Seen): Conclusion => ({
  ...concludeMistral(seen),
  verdict: 'unknown',
  confidence: 'low',
  cause: tell.describeOwnCode(seen),
});

const conclude = (seen: Seen): Conclusion => {
  const isOurs = isServiceFailing(seen);
  if (isOwnCodeOnly(seen)) return isOurs ? concludeOurs(seen) : concludeOwnCode(seen);
  // A list that fails alone hurts no user, so it does not explain a service that fails.
  if (seen.mistral.some(isFailed) && !(isListOnly(seen.mistral) && isOurs)) return concludeMistral(seen);
  if (isOurs) return concludeOurs(seen);
  const isBlind = tell.blindNames(seen).length > 0;
  const branch = isBlind ? 'unknown' : 'healthy';
  const { owner, severity } = BRANCH_FACTS[branch];
  const isServiceAsked = seen.health !== null || seen.traffic?.state === 'fine';
  const isOdd = hasCollapsed(seen.traffic) || waitingMs(seen.traffic) !== null || slowStreamMs(seen) !== null;
  const confidence = isBlind ? 'low' : isServiceAsked && !isOdd ? 'high' : 'medium';
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
  const reword = rewordBy(conclusion.branch, seen);
  return fitSize({
    ...conclusion,
    path: drawPath({ ...seen, mistral: seen.mistral.map(reword) }, conclusion),
    probes: [...findings.map(reword), ...(seen.storm === null ? [] : [seen.storm])],
    mitigations: [],
    notOffered: [],
    nextSteps: nextSteps(conclusion, seen, context),
    at: context.at,
    ...tellDetails(seen, conclusion),
  });
};
