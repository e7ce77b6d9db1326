import type { Branch, Owner } from '../domain/branch.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { isDeadKey } from '../domain/finding-facts.ts';
import { BRANCH_FACTS } from './branches.ts';
import { skewOf } from './clues.ts';
import { contradictionOf } from './contradictions.ts';
import { hasRoom, readWindows } from './limits.ts';
import { openRegions, type Seen } from './seen.ts';
import { isConfirmed, isOpenPath } from './sharpen.ts';

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

/** Where nothing at all came back, Mistral and the way there look alike, unless something else proves the way open. */
export const ownerOf = (branch: Branch, seen: Seen): Owner => {
  const isWayOpen = isOpenPath(seen.asked) || openRegions(seen).length > 0;
  if (branch === 'timeout.headers' && seen.isSilent) return isWayOpen ? 'theirs' : 'between';
  if (branch === 'net.tls_dates_clock_skew' && skewOf(seen) !== null) return 'ours';
  return BRANCH_FACTS[branch].owner;
};

export const confidenceAfter = (...doubts: readonly boolean[]): Diagnosis['confidence'] => {
  const count = doubts.filter(Boolean).length;
  if (count === 0) return 'high';
  return count === 1 ? 'medium' : 'low';
};

/** How sure we are of a failure of Mistral's answers: less with each thing that speaks against it or was not told. */
export const confidenceIn = (branch: Branch, seen: Seen, isMixed: boolean): Diagnosis['confidence'] => {
  const { asked, mistral } = seen;
  const isVague = VAGUE.includes(branch) || (branch === 'timeout.headers' && seen.isSilent && !isOpenPath(asked));
  const isHeard = mistral.some(({ outcome }) => outcome === 'ok');
  const isTwoKeys =
    branch.startsWith('auth.') && isDeadKey(asked('standby')) && openRegions(seen).length === 0 && !isHeard;
  const isRoomLeft = branch === 'rate.minute' && mistral.some(({ evidence }) => hasRoom(readWindows(evidence)));
  return confidenceAfter(
    isMixed,
    (isVague && !isConfirmed(branch, asked)) || isTwoKeys || isRoomLeft || contradictionOf(branch, seen) !== null,
    mistral.some(({ outcome }) => outcome === 'unknown'),
  );
};
