import { createHash } from 'node:crypto';

/** Part of every key, so that a better identity can be told from the old one. */
const KEY_VERSION = 1;

const hash = (integration: string, source: string, parts: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([KEY_VERSION, integration, source, ...parts]))
    .digest('hex');

/** The same real-world alert has the same key for ever. Hashed as a JSON array, so that ("ab", "c") is not ("a", "bc"). */
export const alertKey = (integration: string, source: string, parts: readonly string[]): string =>
  hash(integration, source, parts);

/** Alerts with the same group key belong to one incident. The word in front keeps it apart from every alert's key. */
export const groupKey = (integration: string, source: string, parts: readonly string[]): string =>
  hash(integration, source, ['group', ...parts]);
