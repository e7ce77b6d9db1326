import { describe, expect, it } from 'vitest';
import { type ConfigInput, readConfig } from '../lib/config.ts';

const service = { name: 'chat-api', models: ['mistral-small-latest'] };
type Service = ConfigInput['services'][number];

const read = (change: Partial<Service>, more: Partial<ConfigInput> = {}) =>
  readConfig({ services: [{ ...service, ...change }], ...more });

describe('sources of facts', () => {
  it('are few words where the usual is meant', () => {
    const [chat] = read({
      metrics: { prometheus: { url: 'http://prometheus:9090' }, cloudwatch: {}, logs: { groups: ['/shop'] } },
      deployments: { kubernetes: { namespace: 'shop', deployment: 'chat-api' } },
    }).services;
    expect(chat?.metrics).toEqual({
      windowMinutes: 5,
      prometheus: {
        url: 'http://prometheus:9090',
        allowPrivate: false,
        selector: null,
        tokenVariable: null,
        queries: {},
      },
      cloudwatch: { namespace: 'Mistral/Guard', dimensions: null },
      logs: { groups: ['/shop'], statusField: 'status' },
    });
    expect(chat?.deployments).toMatchObject({
      lambda: null,
      releaseNote: null,
      kubernetes: {
        url: 'https://kubernetes.default.svc',
        allowPrivate: true,
        tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
      },
    });
  });

  it('ask no status page and no account by themselves', () => {
    expect(read({})).toMatchObject({ statusPage: null, admin: { header: 'x-api-key' } });
  });

  it.each<readonly [string, Partial<Service>, Partial<ConfigInput>, RegExp]>([
    [
      'a password in an address',
      { metrics: { prometheus: { url: 'http://watcher:hush@prometheus:9090' } } },
      {},
      /prometheus\.url: no user and no password/,
    ],
    ['an address of another kind', { deployments: { releaseNote: { url: 'file:///RELEASE' } } }, {}, /releaseNote/],
    [
      'a token in the place of its name',
      { metrics: { prometheus: { url: 'http://prometheus:9090', tokenVariable: 'eyJ-token' } } },
      {},
      /tokenVariable: the name of an environment variable/,
    ],
    ['logs without a group', { metrics: { logs: { groups: [] } } }, {}, /logs\.groups/],
    ['a window of an hour', { metrics: { windowMinutes: 60 } }, {}, /windowMinutes/],
    [
      'a function that is a path',
      { deployments: { lambda: { functionName: '../x', alias: 'live' } } },
      {},
      /functionName: letters/,
    ],
    [
      'a format of pages that we cannot read',
      {},
      { statusPage: JSON.parse('{"url":"https://s.example","format":"rss"}') },
      /format/,
    ],
  ])('are refused with %s, which is not shown', (_what, change, more, message) => {
    expect(() => read(change, more)).toThrow(message);
    expect(() => read(change, more)).not.toThrow(/hush|eyJ-token/);
  });
});
