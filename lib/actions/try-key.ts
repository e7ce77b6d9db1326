import type { CallResult } from '../ports/probes.ts';
import type { ActionWorld } from './action.ts';

export const listCall = (key: string, { mistral, timeoutMs }: ActionWorld): readonly Promise<CallResult>[] => [
  mistral.listModels(key, timeoutMs),
];

/** Empty when the service names no model. */
export const chatCall = (key: string, { mistral, target, timeoutMs }: ActionWorld): readonly Promise<CallResult>[] =>
  target.models.slice(0, 1).map((model) => mistral.chatOnce(key, model, timeoutMs));

export type FailedCall = Extract<CallResult, { readonly ok: false }>;

export const findFailure = (results: readonly CallResult[]): FailedCall | null => {
  for (const result of results) if (!result.ok) return result;
  return null;
};

const statusOf = (call: FailedCall): number | undefined => call.failure.status ?? call.evidence.status;

export const isRefusal = (call: FailedCall): boolean => statusOf(call) === 401 || statusOf(call) === 403;

/** The fact alone, without a judgement on its cause. */
export const describeFailure = (call: FailedCall): string => {
  const status = statusOf(call);
  if (isRefusal(call)) return `was refused with ${status}`;
  if (status !== undefined) return status < 400 ? `got no usable answer (${status})` : `the API answered ${status}`;
  const code = call.failure.codes[0] ?? call.failure.names[0];
  return code === undefined ? 'got no answer' : `got no answer (${code})`;
};
