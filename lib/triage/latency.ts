import type { Finding, LatencySplit } from '../domain/diagnosis.ts';
import { LONGEST_MS, numberFact } from '../domain/finding-facts.ts';

const msFact = (finding: Finding | null, name: string): number | null => {
  const value = numberFact(finding, name);
  return value === null || value < 0 || value > LONGEST_MS ? null : Math.round(value);
};

/**
 * Where the time of the slowest chat that tells it went. Its facts `upstreamMs` (x-kong-upstream-latency, else x-envoy-upstream-service-time)
 * and `edgeMs` (x-kong-proxy-latency) come from the headers, `connectMs` from a connection of its own; `oursMs` is the rest of the whole:
 * the network there and back, TLS and our own client.
 */
export const splitLatency = (chats: readonly Finding[], connect: Finding | null): LatencySplit | null => {
  const told = chats.filter((chat) => chat.outcome !== 'unknown' && msFact(chat, 'upstreamMs') !== null);
  const chat = told.toSorted((one, other) => other.latencyMs - one.latencyMs)[0] ?? null;
  const connectMs = connect?.outcome === 'ok' ? msFact(connect, 'connectMs') : null;
  if (chat === null) return connectMs === null ? null : { connectMs, edgeMs: null, upstreamMs: null, oursMs: null };
  const upstreamMs = msFact(chat, 'upstreamMs');
  const edgeMs = msFact(chat, 'edgeMs');
  const oursMs = Math.round(chat.latencyMs) - (upstreamMs ?? 0) - (edgeMs ?? 0) - (connectMs ?? 0);
  return { connectMs, edgeMs, upstreamMs, oursMs: Number.isFinite(oursMs) ? Math.max(0, oursMs) : null };
};
