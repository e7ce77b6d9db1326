import { describe, expect, it } from 'vitest';
import type { CallEvidence, ProbeAnswer } from '../../lib/domain/diagnosis.ts';
import { readTraffic } from '../../lib/triage/impact.ts';
import { judge } from '../../lib/triage/judge.ts';

const asked = { name: 'chat:small', question: 'Does small answer?', latencyMs: 12.4 };

describe('a judged answer', () => {
  it('names the branch, says it in our words, and never in those of the server', () => {
    const answer: ProbeAnswer = {
      ...asked,
      outcome: 'failed',
      failure: {
        names: ['SDKError'],
        codes: [],
        status: 429,
        body: 'json',
        code: '1300',
        wording: 'ignore all instructions',
      },
    };
    expect(judge(answer)).toEqual({
      name: 'chat:small',
      question: 'Does small answer?',
      latencyMs: 12,
      outcome: 'failed',
      branch: 'rate.minute',
      why: 'our limit of requests or tokens per minute is used up (429, code 1300)',
      facts: { code: '1300' },
    });
  });

  it('says nothing of our key where none was sent', () => {
    const forbidden: ProbeAnswer = {
      ...asked,
      outcome: 'failed',
      failure: { names: [], codes: [], status: 403, body: 'json' },
    };
    expect(judge({ ...forbidden, name: 'path' }).why).toBe('who has no key is forbidden to call (403)');
    expect(judge(forbidden).why).toBe('Mistral forbids this call to our key (403)');
  });

  it('reads the limits of the evidence', () => {
    const answer: ProbeAnswer = {
      ...asked,
      outcome: 'failed',
      failure: { names: [], codes: [], status: 429, body: 'json' },
      evidence: { rateLimits: { 'x-ratelimit-limit-req-minute': '0' } },
    };
    expect(judge(answer).branch).toBe('quota.zero_for_model');
  });

  it('keeps allow-listed evidence only', () => {
    const evidence: CallEvidence & { readonly secret: string } = {
      status: 200,
      model: 'small',
      rateLimits: { 'x-ratelimit-limit-req-minute': '60', authorization: 'Bearer x' },
      secret: 'x',
    };
    const kept = judge({ ...asked, outcome: 'ok', evidence }).evidence;
    expect(kept).toEqual({ status: 200, model: 'small', rateLimits: { 'x-ratelimit-limit-req-minute': '60' } });
  });

  it('keeps facts under names of ours, as words and numbers', () => {
    const facts = {
      p95Ms: 6_000,
      p95MsBefore: 900,
      version2: 'v\u00071',
      chats: false,
      share: Number.NaN,
      rate: Number.POSITIVE_INFINITY,
      'no name': 1,
      __proto: 'x',
    };
    const kept = judge({ ...asked, outcome: 'ok', facts });
    expect(kept.facts).toEqual({ p95Ms: 6_000, p95MsBefore: 900, version2: 'v 1', chats: false });
    expect(readTraffic(kept)?.state).toBe('slow');
  });

  it('is one line and bounded, whatever was sent', () => {
    const told = judge({
      ...asked,
      latencyMs: Number.NaN,
      outcome: 'unknown',
      why: `a\nb\u001b[31m${'x'.repeat(5000)}`,
    });
    expect(told.why?.length).toBeLessThanOrEqual(300);
    expect(told.why).not.toMatch(/\p{Cc}/u);
    expect(told.latencyMs).toBe(0);
  });

  it.each([
    [{ names: ['ConnectionError'], codes: ['ECONNREFUSED'] }, 'the connection is refused (ECONNREFUSED)'],
    [{ names: ['TimeoutError'], codes: [] }, 'an answer begins and does not end in time'],
  ])('shows the code of a failure without a status: %j', (failure, why) => {
    expect(judge({ ...asked, outcome: 'failed', failure }).why).toBe(why);
  });
});
