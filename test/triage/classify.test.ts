import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod/mini';
import { readBody } from '../../lib/adapters/mistral/read-body.ts';
import type { Branch } from '../../lib/domain/branch.ts';
import type { CallEvidence, CallFailure } from '../../lib/domain/diagnosis.ts';
import { classify } from '../../lib/triage/classify.ts';

const answered = (status: number, rest: Partial<CallFailure> = {}): CallFailure => ({
  names: ['SDKError'],
  codes: [],
  body: 'json',
  status,
  ...rest,
});
const limits = (rateLimits: Readonly<Record<string, string>>): CallEvidence => ({ rateLimits });

describe('an answer with a status', () => {
  const cases: readonly [string, Branch, CallFailure, CallEvidence?][] = [
    ['503 with code 3505 is capacity, not an outage', 'capacity.model', answered(503, { code: '3505' })],
    [
      '503 that speaks of capacity is capacity',
      'capacity.model',
      answered(503, { wording: 'service tier capacity exceeded' }),
    ],
    [
      '500 that speaks of capacity is capacity',
      'capacity.model',
      answered(500, { wording: 'Capacity exceeded for this model.' }),
    ],
    ['a page of the edge that speaks of capacity is the edge', 'provider.edge_5xx', answered(503, { body: 'html' })],
    [
      '429 without a code that speaks of capacity is capacity',
      'capacity.model',
      answered(429, { wording: 'tier capacity exceeded' }),
    ],
    [
      'capacity wins over a limit of zero',
      'capacity.model',
      answered(429, { code: '3810' }),
      limits({ 'x-ratelimit-limit-req-minute': '0' }),
    ],
    [
      '429 with a limit of zero never clears',
      'quota.zero_for_model',
      answered(429, { code: '1300' }),
      limits({ 'x-ratelimit-limit-req-minute': '0' }),
    ],
    [
      '429 with an older limit of zero never clears',
      'quota.zero_for_model',
      answered(429),
      limits({ 'x-ratelimitbysize-limit-minute': '0' }),
    ],
    [
      '429 with nothing remaining of a limit is the minute',
      'rate.minute',
      answered(429),
      limits({ 'x-ratelimit-limit-req-minute': '4', 'x-ratelimit-remaining-req-minute': '0' }),
    ],
    [
      '429 with nothing remaining of the month is the month',
      'quota.period_exhausted',
      answered(429),
      limits({ 'x-ratelimit-remaining-tokens-month': '0' }),
    ],
    [
      '429 with nothing remaining of the day is the day',
      'quota.period_exhausted',
      answered(429),
      limits({ 'x-ratelimit-remaining-req-day': '0' }),
    ],
    ...['-0', '0x0', '1e-400', '', '0.0'].flatMap((text): readonly [string, Branch, CallFailure, CallEvidence][] => [
      [
        `429 with "${text}" of a month is the minute`,
        'rate.minute',
        answered(429),
        limits({ 'x-ratelimit-remaining-tokens-month': text }),
      ],
      [
        `429 with a limit of "${text}" is the minute`,
        'rate.minute',
        answered(429),
        limits({ 'x-ratelimit-limit-req-minute': text }),
      ],
    ]),
    [
      '429 that speaks of the month is the month',
      'quota.period_exhausted',
      answered(429, { wording: 'Monthly usage limit reached' }),
    ],
    [
      '429 that speaks of the day is the day',
      'quota.period_exhausted',
      answered(429, { wording: 'limit per day exceeded' }),
    ],
    [
      '429 of a spent plan is billing',
      'billing.inactive_or_limit',
      answered(429, { wording: 'Inactive subscription' }),
    ],
    [
      '403 of a spent plan is billing',
      'billing.inactive_or_limit',
      answered(403, { wording: 'Inactive subscription or usage limit reached' }),
    ],
    [
      '401 that speaks of credentials is the key',
      'auth.invalid_key',
      answered(401, { wording: 'invalid credentials' }),
    ],
    [
      '401 that speaks of credit is billing',
      'billing.inactive_or_limit',
      answered(401, { wording: 'no credits left' }),
    ],
    [
      '403 in plain text is on the way',
      'net.egress_blocked',
      answered(403, { body: 'text', wording: 'error code: 1010', server: 'cloudflare' }),
    ],
    ['403 of a labs model is the plan', 'access.model_not_entitled', answered(403, { code: '1913' })],
    ['407 is a proxy', 'net.proxy_auth', answered(407)],
    ['405 is the path', 'config.wrong_route', answered(405)],
    [
      '410 of a model is its retirement',
      'model.retired_or_unknown',
      answered(410, { wording: 'Model x is deprecated.' }),
    ],
    ['401 of a page is a login on the way', 'net.intercepted_200_html', answered(401, { body: 'html' })],
    ['400 of a page is a firewall on the way', 'net.egress_blocked', answered(400, { body: 'html' })],
    ['422 of a page is on the way', 'net.egress_blocked', answered(422, { body: 'html' })],
    ['429 of a page is the edge, and not our limit', 'net.egress_blocked', answered(429, { body: 'html' })],
    [
      '413 of a page is what the edge says of a long prompt',
      'request.context_too_long',
      answered(413, { body: 'html' }),
    ],
    ['404 of a page is not found', 'model_or_route.not_found', answered(404, { body: 'html' })],
    ['409 is our request', 'request.invalid', answered(409)],
    ['a redirect is somebody on the way', 'net.intercepted_200_html', answered(302, { body: 'empty' })],
    ['522 is a gateway that waits', 'timeout.gateway', answered(522, { body: 'html' })],
    ['527 is the edge, whatever it says', 'provider.edge_5xx', answered(527)],
    ['410 of a route is not found', 'model_or_route.not_found', answered(410)],
    ['530 in HTML is the edge', 'provider.edge_5xx', answered(530, { body: 'html' })],
    ['501 in JSON is the provider', 'provider.5xx', answered(501)],
  ];

  it.each(cases)('%s', (_name, branch, failure, evidence) => {
    expect(classify(failure, evidence)).toBe(branch);
  });
});

describe('a failure without a status', () => {
  const thrown = (names: readonly string[], codes: readonly string[] = []): CallFailure => ({ names, codes });

  it.each([
    [
      'undici waits in vain for headers',
      'timeout.headers',
      thrown(['ConnectionError', 'TypeError'], ['UND_ERR_HEADERS_TIMEOUT']),
    ],
    [
      'undici waits in vain for a body',
      'timeout.body_or_stream',
      { ...thrown(['TypeError'], ['UND_ERR_BODY_TIMEOUT']), thrown: 'terminated' as const },
    ],
    ['the system gives up connecting', 'net.connect_timeout', thrown(['ConnectionError'], ['ETIMEDOUT'])],
    [
      'the issuer is not known',
      'net.tls_untrusted_interception',
      thrown(['ConnectionError'], ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY']),
    ],
    ['the resolver fails for good', 'net.dns', thrown(['ConnectionError', 'Error'], ['EAI_FAIL'])],
    ['the connection ends with EPIPE', 'net.reset', thrown(['ConnectionError'], ['EPIPE'])],
    ['there is no route to the network', 'net.refused', thrown(['ConnectionError'], ['ENETUNREACH'])],
    ['something is thrown that says nothing', 'client.unexpected', thrown([])],
  ])('%s', (_name, branch, failure) => {
    expect(classify(failure)).toBe(branch);
  });
});

const payloadsPath = new URL('../../../shared/mistral/real-payloads.json', import.meta.url);
const payloads = z.object({
  payloads: z.array(
    z.looseObject({
      id: z.string(),
      status: z.nullable(z.number()),
      body: z.unknown(),
      headers: z.optional(z.record(z.string(), z.string())),
    }),
  ),
});

/** What each published body means; the ids are those of the collection. */
const PUBLISHED: Readonly<Record<string, Branch>> = {
  '401-detail': 'auth.invalid_key',
  '401-invalid-key': 'auth.invalid_key',
  '401-kong': 'auth.invalid_key',
  '401-spent-plan': 'billing.inactive_or_limit',
  '403-spent-plan': 'billing.inactive_or_limit',
  '402': 'billing.payment_required',
  '403-tier': 'access.model_not_entitled',
  '403-labs': 'access.model_not_entitled',
  '429-kong-req': 'rate.minute',
  '429-rate-1300': 'rate.minute',
  '429-zero-quota': 'quota.zero_for_model',
  '429-capacity-3505': 'capacity.model',
  '429-capacity-null-code': 'capacity.model',
  '429-engine-3810': 'capacity.model',
  '400-invalid-model-1500': 'model.retired_or_unknown',
  '400-not-in-use-3003': 'model.retired_or_unknown',
  '404-model-deprecated': 'model.retired_or_unknown',
  '404-model-unknown': 'model.retired_or_unknown',
  '404-route': 'model_or_route.not_found',
  '404-kong-route': 'config.wrong_route',
  '400-context-3051': 'request.context_too_long',
  '400-context-3059': 'request.context_too_long',
  '422-context': 'request.context_too_long',
  '400-order-3230': 'request.invalid',
  '400-batch-3210': 'request.invalid',
  '422-fastapi': 'request.invalid',
  '400-content-or-tools': 'request.invalid',
  '503-1100': 'provider.5xx',
  '503-3800': 'provider.5xx',
  '504': 'timeout.gateway',
  '520-html': 'provider.edge_5xx',
};

describe.skipIf(!existsSync(payloadsPath))('bodies that were seen in the wild', () => {
  const seen = existsSync(payloadsPath) ? payloads.parse(JSON.parse(readFileSync(payloadsPath, 'utf8'))).payloads : [];
  const known = seen.filter((one) => one.id in PUBLISHED);

  it('are all there', () => expect(known).toHaveLength(Object.keys(PUBLISHED).length));

  it.each(known)('$id', ({ id, status, body, headers }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
    const failure = { names: ['SDKError'], codes: [], status: status ?? 0, ...readBody(text, '', '') };
    expect(classify(failure, limits(headers ?? {}))).toBe(PUBLISHED[id]);
  });

  it('never pass on the prompt that a 422 echoes', () => {
    const body =
      '{"detail":[{"type":"string_type","loc":["body"],"msg":"Input should be a string","input":"my secret prompt"}]}';
    expect(JSON.stringify(readBody(body, 'application/json', ''))).not.toContain('secret prompt');
  });
});
