import { type Answer, apiError, invalidModel, rateLimited } from './answers.ts';
import type { Fault } from './faults.ts';

const EDGE_PAGE =
  '<!DOCTYPE html>\n<html lang="en">\n<head><title>mistral.ai | 520: Web server is returning an unknown error</title></head>\n' +
  '<body><h1>Web server is returning an unknown error</h1></body>\n</html>\n';

/** What a fault says to every call, before the key is looked at; null lets the call on. */
export const answerEverywhere = (fault: Fault): Answer | null => {
  if (fault.name === 'error-500') {
    return apiError(500, { message: 'Internal error', type: 'internal_server_error', code: '3000' });
  }
  if (fault.name === 'error-503') {
    return apiError(503, { message: 'Service unavailable.', type: 'internal_server_error', code: '3800' });
  }
  if (fault.name === 'edge-520') {
    return {
      status: 520,
      headers: { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' },
      body: EDGE_PAGE,
    };
  }
  return null;
};

/** A spent plan is said to a good key only. */
export const answerKey = (fault: Fault, requestId: string): Answer | null =>
  fault.name === 'spent-plan'
    ? { status: 401, body: { message: 'Inactive subscription or usage limit reached', request_id: requestId } }
    : null;

/** What a fault says to a chat with one model; limits and capacity never show on the model list. */
export const answerChat = (fault: Fault, model: string): Answer | null => {
  if (fault.name === 'rate-minute') return rateLimited(60);
  if (fault.name === 'quota-zero') return rateLimited(0);
  if (fault.name === 'quota-month') {
    return apiError(429, { message: 'Monthly usage limit reached', type: 'rate_limited', code: '1300' });
  }
  if (fault.name === 'capacity') {
    return apiError(429, {
      message: 'Service tier capacity exceeded for this model.',
      type: 'service_tier_capacity_exceeded',
      code: '3505',
    });
  }
  return fault.name === 'model-retired' && fault.model === model ? invalidModel(model) : null;
};
