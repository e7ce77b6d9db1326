import { afterEach, describe, expect, it } from 'vitest';
import { createHealthHandler } from '../../functions/health.ts';
import type { ConfigInput } from '../../lib/config.ts';
import type { Alert } from '../../lib/domain/alert.ts';
import type { SlackRequest } from '../../lib/domain/job.ts';
import { handleJob } from '../../lib/flows/handle-job.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { undoMitigation } from '../../lib/flows/undo-mitigation.ts';
import { checkRoutinely } from '../../lib/flows/watch-recovery.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { describeAction } from '../../templates/incident-action.ts';
import { makeArrival } from '../make.ts';
import { whispersTo } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

const MODELS = ['mistral-small-latest'];
const PRODUCTION = { name: 'mistral-api', environment: 'production', models: MODELS };
const STAGING = { name: 'mistral-api', environment: 'staging', models: MODELS, secretId: 'STAGING_KEY' };

let world: World;
let asked: string[] = [];
afterEach(() => world.close());

const open = async (services: ConfigInput['services']): Promise<void> => {
  world = await openWorld({ services });
  await world.state.secrets.seed('STAGING_KEY', { current: 'test-key-staging', standby: 'test-key-staging-2' });
  asked = [];
  const { listModels, chatOnce } = world.parts.mistral;
  Object.assign(world.parts.mistral, {
    listModels: (key: string, timeoutMs: number) => {
      asked.push(key);
      return listModels(key, timeoutMs);
    },
    chatOnce: (key: string, model: string, timeoutMs: number) => {
      asked.push(key);
      return chatOnce(key, model, timeoutMs);
    },
  });
};

const alert = async (change: Partial<Alert>): Promise<string> => {
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival(`job-${change.key ?? 1}`, 0, change)]);
  await world.settle();
  return id;
};

let presses = 0;
const press = async (action: string, value: string): Promise<void> => {
  const request: SlackRequest = {
    user: 'U0MAYA',
    team: 'T0TRIAGE',
    channel: 'C0INCIDENTS',
    messageTs: null,
    action,
    value,
    isBot: false,
  };
  presses += 1;
  const body = { kind: 'slack', request, acceptedAt: '' } as const;
  await world.parts.jobs.put([{ id: `service-press-${presses}`, queue: 'jobs', body }]);
  await world.settle();
};
const currentKey = (secretId: string) => world.parts.secrets.value(secretId, { label: 'AWSCURRENT' });
const controlOf = async (key: string) => (await world.parts.store.read('control', key))?.record.leases.length ?? null;

describe('a service that runs in two environments', () => {
  it('is asked with, and mitigated by, the key and the controls of the incident’s environment alone', async () => {
    await open([PRODUCTION, STAGING]);
    const id = await alert({ environment: 'staging' });
    expect(new Set(asked)).toEqual(new Set(['test-key-staging', 'test-key-staging-2']));
    expect((await world.incident(id)).diagnosis?.branch).toBe('auth.invalid_key');
    await press('mitigation.rotate-key', id);
    await press('mitigation.enable-fallback', id);
    expect(asked).not.toContain('test-key-current');
    expect(asked).toContain('test-key-staging-2');
    expect(await currentKey('MISTRAL_SECRET_ID')).toBe('test-key-current');
    expect([await controlOf('production/mistral-api'), await controlOf('staging/mistral-api')]).toEqual([null, 1]);
  });

  it('is not guessed at when the alert names no environment', async () => {
    await open([PRODUCTION, STAGING]);
    const { diagnosis } = await world.incident(await alert({ environment: null }));
    expect(asked).toEqual([]);
    expect(diagnosis?.cause).toBe(
      'The service mistral-api is not in triage.config.ts for default, only for production, staging, so nothing could be asked.',
    );
  });

  it('has two lines in GET /health, of which the worse one decides', async () => {
    await open([PRODUCTION, STAGING]);
    await checkRoutinely(world.parts);
    const answer = await createHealthHandler(world.parts)({
      rawPath: '/health',
      rawQueryString: '',
      headers: {},
      isBase64Encoded: false,
      requestContext: { http: { method: 'GET' } },
    });
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 'unhealthy',
      services: {
        'production/mistral-api': { status: 'healthy' },
        'staging/mistral-api': { status: 'unhealthy', error: 'auth.invalid_key' },
        mistral: { status: 'unhealthy' },
      },
    });
  });

  it('is asked about by name and environment, and the answer says which', async () => {
    await open([PRODUCTION, STAGING]);
    const body = {
      kind: 'ask-triage',
      service: 'staging/mistral-api',
      channel: 'C0INCIDENTS',
      user: 'U0MAYA',
    } as const;
    await handleJob(world.parts, { id: 'ask-1', queue: 'triage', body, attempt: 1, receipt: '' });
    await runQueueOnce(world.parts, { queue: 'jobs', atOnce: 50, leaseMs: 15_000 });
    expect(new Set(asked)).toEqual(new Set(['test-key-staging', 'test-key-staging-2']));
    expect(JSON.stringify(await whispersTo(world, 'U0MAYA'))).toContain('staging/mistral-api');
  });
});

describe('two services with one key and one model', () => {
  it('both are told that it is limited in every round, though it is asked once a minute, and both when it is over', async () => {
    await open([PRODUCTION, { ...PRODUCTION, name: 'checkout' }]);
    await world.breakMistral('rate-minute');
    const { chatOnce } = world.parts.mistral;
    // The second waits for the answer to the first, which the clock must not overtake.
    Object.assign(world.parts, { wait: () => new Promise((resolve) => setTimeout(resolve, 20).unref()) });
    let chats = 0;
    Object.assign(world.parts.mistral, {
      chatOnce: (...args: Parameters<typeof chatOnce>) => {
        chats += 1;
        return chatOnce(...args);
      },
    });
    const check = async () => {
      chats = 0;
      await checkRoutinely(world.parts);
      world.pass(60_000);
      const { record } = (await world.parts.store.read('check', 'routine')) ?? {};
      return [chats, ...Object.values(record?.services ?? {}).map(({ error, status }) => error ?? status)];
    };
    const looks = async (service: string) => {
      const ahead = await world.parts.store.read('ahead', `production/${service}`);
      return Object.values(ahead?.record.windows ?? {}).map(({ length }) => length);
    };
    // Both ask before anybody knows.
    expect(await check()).toEqual([2, 'rate.minute', 'rate.minute']);
    for (let round = 0; round < 4; round += 1) expect(await check()).toEqual([1, 'rate.minute', 'rate.minute']);
    // An answer that stands for a question is no look at the limits.
    expect([await looks('mistral-api'), await looks('checkout')]).toEqual([[5], [1]]);
    await world.breakMistral('none');
    expect(await check()).toEqual([1, 'healthy', 'healthy']);
    expect(await check()).toEqual([2, 'healthy', 'healthy']);
  });
});

describe('a service that no configuration names', () => {
  it('is told, asked about with nobody’s key, and changes nobody’s key or controls', async () => {
    await open([PRODUCTION]);
    const id = await alert({ service: 'billing' });
    expect((await world.incident(id)).diagnosis).toMatchObject({
      verdict: 'unknown',
      cause: 'The service billing is not in triage.config.ts, so nothing could be asked.',
      mitigations: [],
      nextSteps: ['Add billing to triage.config.ts and start again; known: production/mistral-api.'],
    });
    expect(describeAction(await world.incident(id)).mrkdwn).toBe(
      'Add billing to triage.config.ts and start again; known: production/mistral-api.',
    );
    await press('mitigation.rotate-key', id);
    await press('mitigation.enable-fallback', id);
    expect((await world.incident(id)).mitigations).toEqual([]);
    expect(JSON.stringify(await whispersTo(world, 'U0MAYA'))).toContain('billing is not in triage.config.ts');
    expect(asked).toEqual([]);
    expect(await controlOf('production/mistral-api')).toBe(null);
  });

  it('does not recover by the good answers to somebody else', async () => {
    await open([PRODUCTION]);
    const id = await alert({ service: 'billing' });
    for (let check = 0; check < 5; check += 1) {
      world.pass(31_000);
      await world.settle();
    }
    expect(await world.incident(id)).toMatchObject({ status: 'investigating', goodChecks: 0 });
  });

  it('is undone by what the lease says when the configuration lost it meanwhile', async () => {
    await open([STAGING]);
    const id = await alert({ environment: 'staging' });
    await press('mitigation.rotate-key', id);
    await press('mitigation.enable-fallback', id);
    Object.assign(world.parts.settings, { services: [{ ...PRODUCTION, channel: 'incidents', healthUrl: null }] });
    for (const { id: leaseId } of (await world.incident(id)).mitigations)
      await undoMitigation(world.parts, { leaseId, actor: 'U0MAYA', why: 'asked' });
    expect((await world.incident(id)).mitigations.map(({ state }) => state)).toEqual(['reverted']);
    expect(await controlOf('staging/mistral-api')).toBe(0);
  });
});

describe('an alert that names no service', () => {
  it('is about the first configured one, of its environment if it names that', async () => {
    await open([PRODUCTION, STAGING]);
    const first = await alert({ key: 'a', group: 'a', service: null });
    const second = await alert({ key: 'b', group: 'b', service: null, environment: 'staging' });
    const third = await alert({ key: 'c', group: 'c', service: null, environment: 'test' });
    const places = await Promise.all(
      [first, second, third].map(async (id) => {
        const { service, environment, diagnosis } = await world.incident(id);
        return [service, environment, diagnosis?.verdict];
      }),
    );
    expect(places).toEqual([
      ['mistral-api', 'production', 'healthy'],
      ['mistral-api', 'staging', 'problem'],
      ['mistral-api', 'test', 'unknown'],
    ]);
  });
});
