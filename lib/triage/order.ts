import type { Branch } from '../domain/branch.ts';

/**
 * Which failure speaks when questions fail in different ways: configuration, what stands between, then what Mistral itself says about key,
 * money, model and limits, then its own troubles. Resets, timeouts and odd contents come late: beside a definite answer they are noise.
 */
const TREE_ORDER: readonly string[] = [
  'config.',
  'net.proxy_auth',
  'net.tls_',
  'net.intercepted_',
  'net.egress_',
  'net.dns',
  'net.refused',
  'billing.',
  'auth.',
  'access.',
  'model.',
  'model_or_route.',
  'quota.',
  'capacity.',
  'rate.',
  'provider.',
  'timeout.',
  'net.',
  'stream.',
  'content.',
  'request.',
  'client.',
  'app.',
];

const rank = (branch: Branch): number => {
  const at = TREE_ORDER.findIndex((start) => branch.startsWith(start));
  return at === -1 ? TREE_ORDER.length : at;
};

export const firstInTree = (branches: readonly Branch[]): Branch =>
  branches.toSorted((one, other) => rank(one) - rank(other))[0] ?? 'unknown';
