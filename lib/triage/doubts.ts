import type { Branch, Owner } from '../domain/branch.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { isDeadKey } from '../domain/finding-facts.ts';
import { BRANCH_FACTS } from './branches.ts';
import {
  isAnsweredInFront,
  isBillBySpend,
  isCutByProxy,
  isLimitedAlike,
  isOwnProxy,
  isRefusedAlike,
  isStreamsOnly,
} from './cases.ts';
import { skewOf } from './clues.ts';
import { contradictionOf } from './contradictions.ts';
import { isLate, lateOwner } from './late.ts';
import { hasRoom, readWindows } from './limits.ts';
import { openRegions, type Seen } from './seen.ts';
import { isConfirmed, isOpenPath, proxyOf } from './sharpen.ts';

/** Branches that more than one thing can cause, or that leave open whose it is. */
const VAGUE: readonly Branch[] = [
  'net.refused',
  'net.reset',
  'net.connect_timeout',
  'net.unknown',
  // An edge, which is Mistral's, a firewall or a block of a region.
  'net.egress_blocked',
  'net.protocol',
  'model_or_route.not_found',
  'access.forbidden',
  // Refused to our own smallest question: by whom on the way, or why, it does not say.
  'request.context_too_long',
  'request.invalid',
  'client.unexpected',
  'unknown',
];

/** Where nothing at all came back, Mistral and the way there look alike, unless something else proves the way open. */
export const ownerOf = (branch: Branch, seen: Seen): Owner => {
  if (isLate(branch, seen)) return lateOwner(seen);
  const isWayOpen = isOpenPath(seen.asked) || openRegions(seen).length > 0;
  if (branch === 'timeout.headers' && seen.isSilent) return isWayOpen ? 'theirs' : 'between';
  if (branch === 'net.tls_dates_clock_skew' && skewOf(seen) !== null) return 'ours';
  if (isOwnProxy(branch, seen)) return 'ours';
  if (isRefusedAlike(branch, seen) || isAnsweredInFront(seen) || isLimitedAlike(branch, seen)) return 'between';
  if (isCutByProxy(branch, seen)) return 'between';
  // Our own question is one token: what is too long of it was added, or is limited, on the way.
  if (branch === 'request.context_too_long') return 'between';
  return BRANCH_FACTS[branch].owner;
};

export const confidenceAfter = (...doubts: readonly boolean[]): Diagnosis['confidence'] => {
  const count = doubts.filter(Boolean).length;
  if (count === 0) return 'high';
  return count === 1 ? 'medium' : 'low';
};

/** Causes that another one, which nobody ruled out, looks like. */
const looksLikeAnother = (branch: Branch, seen: Seen): boolean => {
  const { asked, mistral } = seen;
  const isTwoKeys = branch.startsWith('auth.') && isDeadKey(asked('standby')) && openRegions(seen).length === 0;
  return (
    (isTwoKeys && !mistral.some(({ outcome }) => outcome === 'ok')) ||
    (branch === 'rate.minute' && mistral.some(({ evidence }) => hasRoom(readWindows(evidence)))) ||
    (branch === 'net.tls_dates_clock_skew' && skewOf(seen) === null && asked('clock')?.outcome !== 'ok') ||
    (isStreamsOnly(branch, seen) && proxyOf(asked) !== null) ||
    isAnsweredInFront(seen) ||
    isLimitedAlike(branch, seen) ||
    isBillBySpend(branch, seen) ||
    (isLate(branch, seen) && lateOwner(seen) !== 'theirs')
  );
};

/** How sure we are of a failure of Mistral's answers: less with each thing that speaks against it or was not told. */
export const confidenceIn = (branch: Branch, seen: Seen, isMixed: boolean): Diagnosis['confidence'] => {
  const { asked, mistral } = seen;
  const isVague = VAGUE.includes(branch) || (branch === 'timeout.headers' && seen.isSilent && !isOpenPath(asked));
  return confidenceAfter(
    isMixed,
    (isVague && !isConfirmed(branch, asked)) ||
      looksLikeAnother(branch, seen) ||
      contradictionOf(branch, seen) !== null,
    mistral.some(({ outcome }) => outcome === 'unknown'),
  );
};
