import type { LeaseState } from './lease.ts';

const NOTHING_DONE = 'Nothing was done: ';

/** The outcome of a mitigation that was not wanted any more when it was about to start: what it is for was done already. */
export const tellNeedless = (why: string): string => `${NOTHING_DONE}${why}`;

/** Its lease is closed as one that failed, but nothing went wrong. The outcome alone says so: that is what survives a crash. */
export const isNeedless = ({ state, outcome }: { readonly state: LeaseState; readonly outcome: string }): boolean =>
  state === 'failed' && outcome.startsWith(NOTHING_DONE);
