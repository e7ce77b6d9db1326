import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsOf } from '../lib/app/settings.ts';
import { readConfig } from '../lib/config.ts';
import { ConfigError } from '../lib/config-error.ts';
import { readEnvironment } from '../lib/environment.ts';
import { readSetup } from '../lib/local/load-config.ts';
import { spendingOf } from '../lib/probes/plan-probes.ts';
import { judge } from '../lib/triage/judge.ts';

const service = { name: 'mistral-api', models: ['mistral-small-latest'] };

const mistakesOf = (read: () => unknown): string => {
  try {
    read();
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

describe('triage.config.ts', () => {
  it('needs no more than a service with a model; nobody may press mitigations by default', () => {
    const config = readConfig({ services: [service] });
    expect(config.services).toEqual([
      {
        ...service,
        environment: 'production',
        secretId: 'MISTRAL_SECRET_ID',
        healthUrl: null,
        channel: null,
        cloudwatch: null,
        fallbackModels: [],
        allowPrivate: false,
        streams: false,
        metrics: null,
        deployments: null,
        adminKeyName: null,
      },
    ]);
    expect(config.mayMitigate).toEqual({ users: [], groups: [] });
    expect(config.intervals).toMatchObject({ recheckMs: 30_000, limitedRecheckMs: 60_000 });
  });

  it('that says a service reads streams makes the probes ask for some', () => {
    const asked = (streams: boolean) =>
      settingsOf(readConfig({ services: [{ ...service, streams }] }), {
        channel: 'incidents',
        secretId: (id) => id,
        keysLiveIn: 'local',
      }).services.flatMap((target) => spendingOf(target).map(({ name }) => name));
    expect(asked(true)).toEqual(['chat:mistral-small-latest', 'stream:mistral-small-latest']);
    expect(asked(false)).toEqual(['chat:mistral-small-latest']);
  });

  it.each([
    [27, false, 60_000, ''],
    [28, false, 60_000, '10000 cannot hold the routine checks of mistral-api, which take 10080'],
    [14, true, 60_000, 'which take 10080'],
    [28, false, 120_000, ''],
    [1, false, 500, ''],
  ])(
    'counts whether checks of %i models (streams: %s) every %i ms fit into the tokens',
    (count, streams, routineMs, mistake) => {
      const models = Array.from({ length: count }, (_, nth) => `m-${nth}`);
      const told = mistakesOf(() =>
        readConfig({ services: [{ ...service, models, streams }], intervals: { routineMs } }),
      );
      expect(told).toContain(mistake);
      expect(told === '').toBe(mistake === '');
    },
  );

  it('takes a metric of CloudWatch with its name alone, and log groups with structural fields', () => {
    const cloudwatch = { metrics: [{ label: 'Errors', namespace: 'Shop', name: 'Errors' }], logGroups: ['/shop'] };
    const [read] = readConfig({ services: [{ ...service, cloudwatch }] }).services;
    expect(read?.cloudwatch).toMatchObject({
      metrics: [{ dimensions: {}, statistic: 'Average', periodSeconds: 60 }],
      logGroups: ['/shop'],
    });
    expect(read?.cloudwatch?.logFields).toEqual(expect.arrayContaining(['@timestamp', 'status', 'requestId']));
  });

  it.each([
    '@message',
    '@ptr',
    'message',
    'llm.prompt',
    'request.body',
    'Authorization',
    'api_key',
    'userPrompt',
    'choices.content',
  ])('refuses %s as a field of logs, and says why', (field) => {
    const cloudwatch = { logGroups: ['/shop'], logFields: ['status', field] };
    const message = mistakesOf(() => readConfig({ services: [{ ...service, cloudwatch }] }));
    expect(message).toContain('services.0.cloudwatch.logFields.1');
    expect(message).toContain('must never reach evidence');
  });

  it('takes fields that only look like those', () => {
    const logFields = ['promptTokens', 'messageId', 'usage.total_tokens', 'keyVersion', 'x-request-id'];
    const cloudwatch = { logGroups: ['/shop'], logFields };
    expect(readConfig({ services: [{ ...service, cloudwatch }] }).services[0]?.cloudwatch?.logFields).toEqual(
      logFields,
    );
  });

  it.each([-1, 499, 86_400_001, 3e9, Number.POSITIVE_INFINITY, Number.NaN])(
    'refuses a check every %d ms, and takes one every half second or every day',
    (recheckMs) => {
      const read = (ms: number) => mistakesOf(() => readConfig({ services: [service], intervals: { recheckMs: ms } }));
      expect(read(recheckMs)).toContain('intervals.recheckMs');
      expect([read(500), read(86_400_000)]).toEqual(['', '']);
    },
  );

  it.each([
    'mistral-small-latest ',
    'mistral-small\nlatest',
    'mistral-small-latest\n',
    'mistral-small-latest\u200F',
    'mistral  small',
    '-x',
    '',
    'm'.repeat(129),
  ])('refuses %j as the name of a model, wherever it stands', (name) => {
    const models = ['m', name];
    const told = mistakesOf(() =>
      readConfig({
        services: [{ name: 'x', models, fallbackModels: models }],
        modelEnds: { [name]: { retires: null }, m: { retires: null, replacedBy: name } },
      }),
    );
    const why = 'the name of a model as the API spells it: letters, digits and . _ : / @ + -, at most 128 characters';
    for (const place of ['services.0.models.1', 'services.0.fallbackModels.1', `modelEnds.${name}`, 'm.replacedBy'])
      expect(told).toContain(`${place}: ${why}`);
  });

  it.each([
    'ft:open-mistral-7b:daf5e488:20240430:c1bed559',
    'ag:c1bed559:20240430:support-desk:01234567',
    'mistral-small-2503@001',
    'publishers/mistralai/models/mistral_large+eu',
    'M'.repeat(128),
  ])('takes %s as the name of a model, and its answers are found again', (name) => {
    expect(readConfig({ services: [{ name: 'x', models: [name] }] }).services[0]?.models).toEqual([name]);
    const answer = { name: `stream:${name}`, question: '?', latencyMs: 1, outcome: 'ok' } as const;
    expect(judge(answer).name).toBe(`stream:${name}`);
  });

  it('that is shipped is right', async () => {
    await expect(readSetup({})).resolves.toMatchObject({ config: { services: [{ name: 'mistral-api' }] } });
  });

  it.each([
    ['no service', { services: [] }, ['services: at least one service']],
    ['a service without a model', { services: [{ name: 'x', models: [] }] }, ['services.0.models']],
    ['an unknown member', { services: [service], sevrices: [] }, ['sevrices']],
    ['an unknown member further in', { services: [{ ...service, model: 'x' }] }, ['model']],
    ['a health address that is none', { services: [{ ...service, healthUrl: 'ftp://x' }] }, ['healthUrl']],
    [
      'a metric of CloudWatch at odd times',
      {
        services: [
          {
            ...service,
            cloudwatch: { metrics: [{ label: 'l', namespace: 'n', name: 'm', periodSeconds: 90, statistic: 'Mean' }] },
          },
        ],
      },
      ['cloudwatch.metrics.0.periodSeconds: a multiple of 60', 'cloudwatch.metrics.0.statistic: Average, Sum'],
    ],
    [
      'a field of logs that would end the query',
      { services: [{ ...service, cloudwatch: { logGroups: ['/g'], logFields: ['a` | stats'] } }] },
      ['logFields.0'],
    ],
    [
      'intervals that are too short or too long',
      {
        services: [service],
        mitigations: { fallbackMinutes: 10_081, approvalMinutes: 0 },
        intervals: { limitedRecheckMs: 9e7, routineMs: 9e7, quietMs: 9e7, reopenWithinMs: 7e8, probeDeadlineMs: 99 },
      },
      [
        'mitigations.fallbackMinutes: at most a week',
        'mitigations.approvalMinutes',
        'intervals.limitedRecheckMs: a number from 500 ms to 24 hours',
        'intervals.routineMs: a number',
        'intervals.quietMs: a number',
        'intervals.reopenWithinMs: a number from 500 ms to 7 days',
        'intervals.probeDeadlineMs: a number from 100 ms to 10 minutes',
      ],
    ],
    [
      'a mitigation that does not exist',
      { services: [service], mitigations: { needApproval: ['pray'] } },
      ['needApproval'],
    ],
    ['the same service twice', { services: [service, service] }, ['production/mistral-api is there twice']],
    ['a name that would leave its folder', { services: [{ ...service, name: '../x' }] }, ['services.0.name']],
    ['no object', 42, ['the export']],
    ['two mistakes', { services: [], retentionDays: 'ever' }, ['services', 'retentionDays', '2 mistakes']],
  ])('with %s is refused, and says so', (_name, input, words) => {
    const message = mistakesOf(() => readConfig(input));
    for (const word of words) expect(message).toContain(word);
  });

  it.each([
    ['that is not there', 'nothing-here.ts', 'nothing-here.ts'],
    ['without a default export', '../lib/log.ts', 'default export'],
  ])('%s is named', async (_name, path, word) => {
    await expect(readSetup({ TRIAGE_CONFIG: resolve(import.meta.dirname, path) })).rejects.toThrow(word);
  });
});

const ONE = 'test-token-of-16';
const TWO = 'test-token-which-is-longer';

describe('the environment', () => {
  const slack = { SLACK_BOT_TOKEN: 't', SLACK_SIGNING_SECRET: 's', SLACK_CHANNEL: 'C1' };

  it('of a newcomer is all embedded, on loopback', () => {
    expect(readEnvironment({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      stateDir: '.mistral-triage',
      alertsTokens: null,
      slack: null,
      mistral: null,
    });
  });

  it('takes empty for absent', () => {
    expect(readEnvironment({ MISTRAL_API_KEY: '', SLACK_BOT_TOKEN: '', PORT: '' })).toEqual(readEnvironment({}));
  });

  it('takes several alert tokens and signing secrets, for rotation', () => {
    const environment = readEnvironment({ ...slack, SLACK_SIGNING_SECRET: 'a, b', ALERTS_TOKEN: ` ${ONE}, ${TWO} ,` });
    expect([environment.alertsTokens, environment.slack?.signingSecrets]).toEqual([
      [ONE, TWO],
      ['a', 'b'],
    ]);
  });

  it.each([
    ['half a Slack', { SLACK_BOT_TOKEN: 't' }, ['SLACK_SIGNING_SECRET', 'SLACK_CHANNEL']],
    ['an app-level token alone', { SLACK_APP_TOKEN: 'xapp-1' }, ['SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN']],
    ['half a Slack by socket', { SLACK_APP_TOKEN: 'xapp-1', SLACK_BOT_TOKEN: 't' }, ['SLACK_CHANNEL: missing']],
    [
      'the two tokens of Slack exchanged',
      { ...slack, SLACK_APP_TOKEN: 'xoxb-1', SLACK_BOT_TOKEN: 'xapp-1' },
      ['SLACK_APP_TOKEN: is no app-level token', 'SLACK_BOT_TOKEN: is an app-level token', '2 mistakes'],
    ],
    [
      'an app-level token with a line end',
      { ...slack, SLACK_APP_TOKEN: 'xapp-1\n' },
      ['SLACK_APP_TOKEN', 'white space'],
    ],
    ['an address of Slack alone', { SLACK_API_URL: 'http://127.0.0.1/api/' }, ['SLACK_API_URL']],
    ['a standby key alone', { MISTRAL_STANDBY_KEY: 'k' }, ['MISTRAL_STANDBY_KEY']],
    ['an address that is none', { MISTRAL_API_KEY: 'k', MISTRAL_SERVER_URL: 'not an address' }, ['MISTRAL_SERVER_URL']],
    ['a port that is none', { PORT: '99999' }, ['PORT']],
    ['a store that is not known', { STORE: 'stone' }, ['STORE']],
    ['the embedded Slack open to the network', { HOST: '0.0.0.0' }, ['HOST', 'loopback']],
    [
      'a signing secret that nothing would check',
      { ALERTS_SECRET_GRAFANA: 's' },
      ['ALERTS_SECRET_GRAFANA', 'not check'],
    ],
    ['commas where a token belongs', { ALERTS_TOKEN: ' ,' }, ['ALERTS_TOKEN', 'no token']],
    ['blanks where a token belongs', { ALERTS_TOKEN: '  ' }, ['ALERTS_TOKEN', 'no token']],
    ['a short token beside a long one', { ALERTS_TOKEN: `${ONE},${ONE.slice(1)}` }, ['ALERTS_TOKEN', '16']],
    ['a token with a blank inside', { ALERTS_TOKEN: 'test-token with-blank' }, ['ALERTS_TOKEN', 'white space']],
    ['commas where a signing secret belongs', { ...slack, SLACK_SIGNING_SECRET: ',' }, ['SLACK_SIGNING_SECRET']],
    ['a bot token with a line end', { ...slack, SLACK_BOT_TOKEN: 'test\ntoken' }, ['SLACK_BOT_TOKEN', 'white space']],
    ['a key with a blank inside', { MISTRAL_API_KEY: 'test key' }, ['MISTRAL_API_KEY', 'white space']],
    ['a key that was copied with a line end', { MISTRAL_API_KEY: 'test-key\n' }, ['MISTRAL_API_KEY', 'white space']],
    [
      'a standby key that is not ASCII',
      { MISTRAL_API_KEY: 'test-key', MISTRAL_STANDBY_KEY: 'test–key' },
      ['MISTRAL_STANDBY_KEY', 'ASCII'],
    ],
    [
      'the key as its own standby',
      { MISTRAL_API_KEY: 'test-key', MISTRAL_STANDBY_KEY: 'test-key' },
      ['MISTRAL_STANDBY_KEY', 'same key'],
    ],
    ['an address that only begins like loopback', { HOST: '127.0.0.1.example' }, ['HOST', 'loopback']],
    ['numbers that are no address', { HOST: '127.0.0.256' }, ['HOST', 'loopback']],
    ['all of it', { PORT: 'x', STORE: 'stone', HOST: '0.0.0.0' }, ['3 mistakes']],
  ])('with %s is refused, and says so', (_name, variables, words) => {
    const message = mistakesOf(() => readEnvironment(variables));
    for (const word of words) expect(message).toContain(word);
    expect(message).not.toBe('');
    expect(message).not.toMatch(/test[ –\n-](?:key|token)/);
  });

  it('needs no signing secret where it connects to Slack by itself, and makes none up', () => {
    const { SLACK_SIGNING_SECRET: _, ...socket } = { ...slack, SLACK_APP_TOKEN: 'xapp-1' };
    expect(readEnvironment(socket).slack).toMatchObject({ appToken: 'xapp-1', signingSecrets: [] });
    expect(readEnvironment(slack).slack).toMatchObject({ appToken: null, signingSecrets: ['s'] });
  });

  it.each(['127.0.0.2', '127.255.255.254', '::1', 'LOCALHOST'])('takes %s for this machine alone', (host) => {
    expect(readEnvironment({ HOST: host }).host).toBe(host);
  });

  it('has an admin key only beside a key, and as keys are written', () => {
    expect(readEnvironment({ MISTRAL_API_KEY: 'key' }).mistral).toMatchObject({ adminKey: null });
    expect(readEnvironment({ MISTRAL_API_KEY: 'key', MISTRAL_ADMIN_KEY: 'admin' }).mistral).toMatchObject({
      adminKey: 'admin',
    });
    expect(() => readEnvironment({ MISTRAL_ADMIN_KEY: 'admin' })).toThrow('MISTRAL_ADMIN_KEY: needs MISTRAL_API_KEY');
    expect(() => readEnvironment({ MISTRAL_API_KEY: 'key', MISTRAL_ADMIN_KEY: 'a dmin' })).toThrow(
      /^(?![\s\S]*a dmin)[\s\S]*MISTRAL_ADMIN_KEY: holds white space/,
    );
  });

  it('may be open to the network with a real Slack', () => {
    expect(readEnvironment({ ...slack, HOST: '0.0.0.0' }).host).toBe('0.0.0.0');
  });
});
