import type { ProbeFacts } from '../domain/diagnosis.ts';
import type { FactSource } from '../ports/probe-sources.ts';
import type { ServiceTarget } from '../ports/probes.ts';

/** What a source said. `none`: it has nothing for this service. `down`: it could not say. */
export type Said = { readonly name: string; readonly latencyMs: number } & (
  | { readonly kind: 'facts'; readonly facts: ProbeFacts }
  | { readonly kind: 'none' }
  | { readonly kind: 'down'; readonly why: string }
);

const MOST_WHY_CHARS = 200;

/** Errors of sources are made to be shown; anything else may hold anything. */
const describeWhy = (error: unknown): string =>
  error instanceof Error && ['NoAnswer', 'AwsError', 'SourceError'].includes(error.name)
    ? error.message.slice(0, MOST_WHY_CHARS)
    : 'it cannot be read';

/** Never rejects, and ends at its limit whatever the source does. */
export const askSource = async (source: FactSource, target: ServiceTarget, limitMs: number): Promise<Said> => {
  const startedMs = performance.now();
  const told = (): { readonly name: string; readonly latencyMs: number } => ({
    name: source.name,
    latencyMs: Math.round(performance.now() - startedMs),
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs);
  });
  try {
    const facts = await Promise.race([source.read(target, limitMs), late]);
    if (facts === 'late') return { ...told(), kind: 'down', why: 'no answer in time' };
    return facts === null ? { ...told(), kind: 'none' } : { ...told(), kind: 'facts', facts };
  } catch (error) {
    return { ...told(), kind: 'down', why: describeWhy(error) };
  } finally {
    clearTimeout(timer);
  }
};

/** Each that could not say, with why; empty where all could. */
export const nameDown = (said: readonly Said[]): string =>
  said.flatMap((one) => (one.kind === 'down' ? [`${one.name}: ${one.why}`] : [])).join('; ');
