import type { KeyCalls } from '../ports/probes.ts';
import { type Answered, answerOfList, type Probe } from './probe-answer.ts';

/** null: none is stored. May reject. */
export type ReadStandby = (timeoutMs: number) => Promise<string | null>;

/** Whether the key that would take over is good: with it a refused key is the key's fault, and rotating helps. It stays in here. */
export const standbyKey = (mistral: Pick<KeyCalls, 'listModels'>, readStandby: ReadStandby): Probe => ({
  name: 'standby',
  question: 'Does the Mistral API answer the standby key?',
  ask: async (timeoutMs) => {
    const startedMs = performance.now();
    const passedMs = (): number => Math.round(performance.now() - startedMs);
    const unknown = (why: string): Answered => ({ outcome: 'unknown', why, latencyMs: passedMs() });
    const stored = await readStandby(timeoutMs).catch(() => undefined);
    if (stored === undefined) return unknown('the standby key cannot be read');
    const key = stored?.trim() ?? '';
    if (key === '') return unknown('no standby key is stored');
    return answerOfList(await mistral.listModels(key, Math.max(1, timeoutMs - passedMs())));
  },
});
