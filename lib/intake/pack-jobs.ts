import type { Alert } from '../domain/alert.ts';
import type { JobBody } from '../domain/job.ts';

/** A queue takes 200 kB; the rest is for the envelope and what an adapter adds. */
const MAX_ALERTS_BYTES = 180_000;

/** Splits a body's alerts into jobs that a queue takes, in order: alerts of one body are mostly of one group and worked on together. */
export const packJobs = (
  alerts: readonly Alert[],
  rest: { readonly acceptedAt: string; readonly truncated: string | null },
): readonly JobBody[] => {
  const packs: Alert[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const alert of alerts) {
    const size = Buffer.byteLength(JSON.stringify(alert)) + 1;
    bytes += size;
    if (bytes > MAX_ALERTS_BYTES) {
      packs.push([]);
      bytes = size;
    }
    packs.at(-1)?.push(alert);
  }
  return packs.map((pack) => ({ kind: 'alerts', alerts: pack, ...rest }));
};
