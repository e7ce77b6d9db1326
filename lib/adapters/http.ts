import type { HealthCalls } from '../ports/probes.ts';
import { createCheckedGet } from './checked-get.ts';
import type { ResolveName } from './forbidden-addresses.ts';

/** Calls to configured health addresses: one GET of which the status is the answer, however large the rest is. */
export const createHealthCalls = (options: { readonly resolveName?: ResolveName } = {}): HealthCalls => {
  const get = createCheckedGet({ name: 'health address', ...options });
  return {
    get: async (url, timeoutMs, { allowPrivate = false } = {}) => {
      const got = await get(url, { timeoutMs, allowPrivate });
      if (!('status' in got)) return got;
      return { status: got.status, latencyMs: got.latencyMs };
    },
  };
};
