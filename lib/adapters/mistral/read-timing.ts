import type { ProbeFacts } from '../../domain/diagnosis.ts';

/** Longer than any call may take: somebody else's number. */
const MOST_MS = 600_000;

const readMs = (headers: Headers, name: string): number | null => {
  const text = headers.get(name)?.trim() ?? '';
  return /^\d{1,6}(?:\.\d{1,6})?$/.test(text) && Number(text) <= MOST_MS ? Math.round(Number(text)) : null;
};

/** Where the time of an answer went, as Mistral's edge counts it: behind it (`upstreamMs`), and in itself (`edgeMs`). */
export const readTiming = (headers: Headers): ProbeFacts => {
  const upstreamMs = readMs(headers, 'x-kong-upstream-latency') ?? readMs(headers, 'x-envoy-upstream-service-time');
  const edgeMs = readMs(headers, 'x-kong-proxy-latency');
  return { ...(upstreamMs === null ? {} : { upstreamMs }), ...(edgeMs === null ? {} : { edgeMs }) };
};
