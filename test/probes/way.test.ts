import { describe, expect, it } from 'vitest';
import type { ProbeAnswer } from '../../lib/domain/diagnosis.ts';
import { type NetworkAnswer, type NetworkCalls, NO_SOURCES } from '../../lib/ports/probe-sources.ts';
import type { CallResult } from '../../lib/ports/probes.ts';
import { type ProbeInput, runProbes } from '../../lib/probes/probe.ts';
import { judge } from '../../lib/triage/judge.ts';

const NOON_MS = Date.parse('2026-11-20T12:00:00Z');

const well: NetworkAnswer = { ok: true, latencyMs: 1 };
const fails = (...codes: readonly string[]): NetworkAnswer => ({ ok: false, latencyMs: 1, codes, names: [] });
const refuses = (status: number): NetworkAnswer => ({ ok: false, latencyMs: 1, codes: [], names: [], status });

const asked: string[] = [];
const note = (answer: NetworkAnswer, ...words: readonly (string | number)[]): Promise<NetworkAnswer> => {
  asked.push(words.join(' '));
  return Promise.resolve(answer);
};

type Way = { readonly dns?: NetworkAnswer; readonly tls?: NetworkAnswer; readonly proxy?: NetworkAnswer };

const network = ({ dns = well, tls = well, proxy = well }: Way = {}): NetworkCalls => ({
  apiUrl: 'https://api.mistral.ai',
  resolve: (host) => note(dns, 'dns', host),
  connect: (host, port) => note(well, 'connect', host, port),
  inspectTls: (host, port) => note(tls, 'tls', host, port),
  proxyOf: () => null,
  unusedProxyOf: () => null,
  askProxy: () => note(proxy, 'proxy'),
});

const answerAt = (serverMs: number | null): Promise<CallResult> =>
  Promise.resolve({
    ok: false,
    latencyMs: 1,
    failure: { status: 401, body: 'json', names: [], codes: [] },
    evidence: serverMs === null ? {} : { status: 401, serverDate: new Date(serverMs).toISOString() },
  });

const ask = async (
  calls: NetworkCalls,
  serverMs: number | null = NOON_MS,
  more: Partial<ProbeInput> = {},
): Promise<readonly ProbeAnswer[]> => {
  asked.length = 0;
  const answer = () => answerAt(serverMs);
  return runProbes({
    target: { name: 'checkout', environment: 'production', models: ['a'], secretId: 's', healthUrl: null },
    key: 'k',
    mistral: {
      listModels: answer,
      listWithoutKey: answer,
      chatOnce: answer,
      streamOnce: answer,
      retrieveModel: answer,
    },
    health: { get: () => Promise.resolve({ status: 200, latencyMs: 1 }) },
    sources: { ...NO_SOURCES, network: calls },
    clock: { nowMs: () => NOON_MS },
    wait: () => new Promise(() => undefined),
    deadlineMs: 8_000,
    ...more,
  });
};

const findingOf = async (answers: Promise<readonly ProbeAnswer[]>, name: string) => {
  const answer = (await answers).find((one) => one.name === name);
  return answer ? judge(answer) : undefined;
};

describe('the way to Mistral', () => {
  it('is asked step by step', async () => {
    await ask(network());
    expect(asked).toEqual(['dns api.mistral.ai', 'connect api.mistral.ai 443', 'tls api.mistral.ai 443']);
  });

  it('begins at the proxy where calls take one, and the certificate is that of Mistral', async () => {
    const behind = { ...network(), proxyOf: () => 'proxy.corp:3128' };
    const answers = await ask(behind);
    expect(asked).toEqual(['dns proxy.corp', 'connect proxy.corp 3128', 'tls api.mistral.ai 443', 'proxy']);
    expect(answers.find(({ name }) => name === 'dns')?.question).toBe(
      'Does the name of the proxy, proxy.corp, resolve?',
    );
    expect(answers.find(({ name }) => name === 'proxy')).toMatchObject({ facts: { proxy: 'proxy.corp:3128' } });
  });

  it('has no name to resolve and no certificate where the address is a number without TLS', async () => {
    await ask({ ...network(), apiUrl: 'http://127.0.0.1:8080' });
    expect(asked).toEqual(['connect 127.0.0.1 8080']);
  });

  it.each([
    [fails('ENOTFOUND'), 'failed', 'net.dns'],
    [fails('EAI_AGAIN'), 'failed', 'net.dns'],
    [fails('ADDRESS_REFUSED'), 'unknown', undefined],
  ])('with a name that answers %j is %s (%s)', async (dns, outcome, branch) => {
    expect(await findingOf(ask(network({ dns })), 'dns')).toMatchObject({ outcome, ...(branch ? { branch } : {}) });
  });

  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', 'net.tls_untrusted_interception'],
    ['CERT_HAS_EXPIRED', 'net.tls_dates_clock_skew'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'net.tls_hostname'],
    ['ETIMEDOUT', 'net.connect_timeout'],
  ])('with a certificate that answers %s is %s, and keeps what it says of itself', async (code, branch) => {
    const tls = { ...fails(code), facts: { issuer: 'Corp' } };
    expect(await findingOf(ask(network({ tls })), 'tls')).toMatchObject({ branch, facts: { issuer: 'Corp' } });
  });

  it.each([
    [407, 'net.proxy_auth'],
    [403, 'net.egress_blocked'],
    [502, 'net.unknown'],
  ])('with a proxy that answers %i is %s', async (status, branch) => {
    const behind = { ...network({ proxy: refuses(status) }), proxyOf: () => 'proxy.corp:3128' };
    expect(await findingOf(ask(behind), 'proxy')).toMatchObject({ outcome: 'failed', branch });
  });

  it('names a proxy that calls do not take', async () => {
    const unused = { ...network(), unusedProxyOf: () => 'proxy.corp:3128' };
    const finding = await findingOf(ask(unused), 'proxy');
    expect(finding?.why).toContain('proxy.corp:3128');
    expect(finding?.facts).toEqual({ unusedProxy: 'proxy.corp:3128' });
  });
});

describe('our clock', () => {
  it.each([
    [0, 'ok'],
    [299, 'ok'],
    [-300, 'ok'],
    [301, 'failed'],
    [-301, 'failed'],
  ])('that is %i s ahead of the date of an answer is %s', async (seconds, outcome) => {
    const finding = await findingOf(ask(network(), NOON_MS - seconds * 1_000), 'clock');
    expect(finding).toMatchObject({ outcome, facts: { clockSkewMs: seconds * 1_000 } });
    expect(finding?.branch).toBe(outcome === 'failed' ? 'net.tls_dates_clock_skew' : undefined);
  });

  it('says which way it is wrong', async () => {
    expect((await findingOf(ask(network(), NOON_MS - 720_000), 'clock'))?.why).toBe(
      "our clock is 12 minutes ahead of Mistral's",
    );
    expect((await findingOf(ask(network(), NOON_MS + 720_000), 'clock'))?.why).toContain('behind');
  });

  it.each([
    [1_439, 'failed', "our clock is 1439 minutes ahead of Mistral's"],
    [1_440, 'failed', "our clock is a day ahead of Mistral's"],
    [20 * 1_440, 'failed', "our clock is 20 days ahead of Mistral's"],
    [3_650 * 1_440, 'failed', "our clock is 3650 days ahead of Mistral's"],
    [3_650 * 1_440 + 1, 'unknown', 'the Date header of the answer is not a time to trust'],
    [-9_000 * 1_440, 'unknown', 'the Date header of the answer is not a time to trust'],
  ])('that is %i minutes ahead is told as people say it', async (minutes, outcome, why) => {
    expect(await findingOf(ask(network(), NOON_MS - minutes * 60_000), 'clock')).toMatchObject({ outcome, why });
  });

  it('is not compared where no answer carries a date', async () => {
    expect(await findingOf(ask(network(), null), 'clock')).toMatchObject({ outcome: 'unknown' });
  });

  it('waits for no question that is not put, for want of time or of a budget', async () => {
    const withheld = new Map(
      ['models', 'chat:a', 'model:a'].map((name) => [
        name,
        () => Promise.resolve({ outcome: 'unknown', why: 'not now', latencyMs: 0 } as const),
      ]),
    );
    const only = (name: string): boolean => !['models', 'chat:a', 'model:a'].includes(name);
    for (const more of [{ withheld }, { only }, { only: (name: string) => name === 'clock' }])
      expect(await findingOf(ask(network(), null, more), 'clock')).toMatchObject({ outcome: 'unknown' });
  });

  it('is told by a refusal alone', async () => {
    const only = (name: string): boolean => ['models', 'clock'].includes(name);
    expect(await findingOf(ask(network(), NOON_MS, { only }), 'clock')).toMatchObject({ outcome: 'ok' });
  });
});
