import type { Probe } from './probe-answer.ts';

/**
 * Planned where there is white space around the stored key. We ask without it, and so do some clients; others refuse such a key, or send it
 * as it is. A remark beside the other answers, since it stops not everybody.
 */
export const keyAsStored = (secretId: string): Probe => ({
  name: 'stored-key',
  question: 'Is the key stored as Mistral gave it?',
  ask: () =>
    Promise.resolve({
      outcome: 'failed',
      branch: 'config.api_key_malformed',
      why: `there is white space around the key under ${secretId}: we ask without it, and some clients do not; store it again without`,
      latencyMs: 0,
    }),
});
