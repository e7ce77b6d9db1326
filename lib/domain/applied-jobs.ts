import { createHash } from 'node:crypto';

/** Jobs that an incident remembers: steps of people, documents, and alerts beyond those it keeps by name. */
const JOBS_KEPT = 200;

/** Enough to tell jobs apart that may come again, and short: records that remember jobs stay small. */
export const shortJob = (jobId: string): string => createHash('sha256').update(jobId).digest('base64url').slice(0, 10);

type Remembers = { readonly applied: readonly string[] };

export const wasApplied = ({ applied }: Remembers, jobId: string): boolean => applied.includes(shortJob(jobId));

/** The memory with these jobs added; the oldest are forgotten. */
export const rememberJobs = ({ applied }: Remembers, jobIds: readonly string[]): readonly string[] =>
  [...applied, ...new Set(jobIds.map(shortJob))].slice(-JOBS_KEPT);
