import { describe, expect, it, onTestFinished } from 'vitest';
import { createLocalSources } from '../../lib/app/local-sources.ts';
import { sourceTokens } from '../../lib/app/sources.ts';
import { type ConfigInput, readConfig } from '../../lib/config.ts';
import { readEnvironment } from '../../lib/environment.ts';
import type { ServiceTarget } from '../../lib/ports/probes.ts';
import { serve } from '../adapters/mistral/serve.ts';

const NOTHING = { read: () => Promise.resolve(null) };
const targetOf = (name: string, environment: string): ServiceTarget => ({
  name,
  environment,
  models: ['a'],
  secretId: 's',
  healthUrl: null,
});

const open = (
  services: ConfigInput['services'],
  more: Partial<ConfigInput> = {},
  variables: Record<string, string> = {},
) =>
  createLocalSources({
    environment: readEnvironment(variables),
    config: readConfig({ services, ...more }),
    store: NOTHING,
    serverUrl: variables['MISTRAL_SERVER_URL'] ?? 'http://127.0.0.1:9',
    variables,
  });

/** A peer that notes what it is asked, and by whom. */
const openPeer = async (body: unknown) => {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    asked.push(
      `${new URL(request.url ?? '', 'http://peer.invalid').pathname} ${request.headers.authorization ?? request.headers['x-api-key'] ?? ''}`,
    );
    response.end(JSON.stringify(body));
  });
  onTestFinished(server.close);
  return { url: server.url, asked };
};

describe('the sources of a run', () => {
  it('are those of the service in its environment, and no other', async () => {
    const peer = await openPeer({ status: 'success', data: { resultType: 'scalar', result: [1, '0.5'] } });
    const metrics = { prometheus: { url: peer.url, tokenVariable: 'PROMETHEUS_TOKEN' } };
    const services = [
      { name: 'chat', models: ['a'], metrics },
      { name: 'chat', environment: 'staging', models: ['a'] },
    ];
    const [prometheus, ...others] = open(services, {}, { PROMETHEUS_TOKEN: 'of-metrics' }).traffic;
    const [production, staging] = [targetOf('chat', 'production'), targetOf('chat', 'staging')];
    expect([prometheus?.isFor?.(production), prometheus?.isFor?.(staging)]).toEqual([true, false]);
    expect(others.map((one) => one.isFor?.(production))).toEqual([false, false]);
    expect(await prometheus?.read(production, 2_000)).toMatchObject({ failingShare: 0.5, windowMinutes: 5 });
    expect(await prometheus?.read(staging, 2_000)).toBe(null);
    expect(new Set(peer.asked)).toEqual(new Set(['/api/v1/query Bearer of-metrics']));
  });

  it('send what stands in the variable with its scheme as it is, and know the token for redaction', async () => {
    const peer = await openPeer({});
    const metrics = { prometheus: { url: peer.url, tokenVariable: 'PROMETHEUS_TOKEN' } };
    const services = [{ name: 'chat', models: ['a'], metrics }];
    const variables = { PROMETHEUS_TOKEN: 'Basic d2F0Y2hlcjpodXNo' };
    await open(services, {}, variables)
      .traffic[0]?.read(targetOf('chat', 'production'), 2_000)
      .catch(() => null);
    expect(new Set(peer.asked)).toEqual(new Set(['/api/v1/query Basic d2F0Y2hlcjpodXNo']));
    expect(sourceTokens(readConfig({ services }), variables)).toEqual(['d2F0Y2hlcjpodXNo']);
  });

  it('hold the account only where an admin key is there, at the API that is asked', async () => {
    const services = [{ name: 'chat', models: ['a'] }];
    expect(open(services).admin).toBe(null);
    const peer = await openPeer({ limits: { completion: { monthly_limit_reached: true } } });
    const variables = { MISTRAL_API_KEY: 'key', MISTRAL_ADMIN_KEY: 'admin', MISTRAL_SERVER_URL: peer.url };
    const { admin } = open(services, {}, variables);
    expect(await admin?.spend.read(targetOf('chat', 'production'), 2_000)).toEqual({ monthlyLimitReached: true });
    expect(peer.asked).toEqual(['/v1/admin/spend-limit admin']);
  });

  it('hold the status page only where one is configured', async () => {
    const services = [{ name: 'chat', models: ['a'] }];
    expect(open(services).statusPage).toBe(null);
    const peer = await openPeer({ status: { indicator: 'none' }, incidents: [] });
    const { statusPage } = open(services, { statusPage: { url: peer.url, format: 'rootly' } });
    expect(await statusPage?.read(targetOf('chat', 'production'), 2_000)).toEqual({ indicator: 'none', incidents: 0 });
  });
});
