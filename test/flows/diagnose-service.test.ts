import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askTheWorld, diagnoseService } from '../../lib/flows/diagnose-service.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { targetOf } from '../../lib/flows/target-of.ts';
import { checkForPerson, checkIncident, checkRoutinely } from '../../lib/flows/watch-recovery.ts';
import { makeArrival } from '../make.ts';
import { openWorld, STANDBY_KEY, type World } from './world.ts';

const PLACE = { service: 'mistral-api', environment: 'production' };

let world: World;
let asked = 0;
let takesMs = 0;
beforeEach(async () => {
  world = await openWorld();
  asked = 0;
  takesMs = 0;
  const { chatOnce } = world.parts.mistral;
  Object.assign(world.parts.mistral, {
    chatOnce: async (key: string, model: string, timeoutMs: number) => {
      asked += 1;
      const answer = await chatOnce(key, model, timeoutMs);
      world.pass(takesMs);
      return takesMs === 0 ? answer : { ...answer, latencyMs: takesMs };
    },
  });
});
afterEach(() => world.close());

const nowMs = (): number => world.parts.clock.nowMs();
const openTwo = async (): Promise<readonly string[]> => {
  const groups = ['one', 'two'].map((name) => makeArrival(`job-${name}`, 0, { key: name, group: name }));
  const ids = await receiveAlerts(world.parts, groups);
  await world.settle();
  asked = 0;
  return ids;
};

describe('one answer of a service', () => {
  it('serves others from when it came, however long it took', async () => {
    takesMs = 13_000;
    const fresh = { sinceMs: nowMs(), sharedMs: 2_000 };
    const first = await diagnoseService(world.parts, PLACE, fresh);
    expect(await diagnoseService(world.parts, PLACE, fresh)).toEqual(first);
    expect(asked).toBe(1);
    world.pass(2_000);
    await diagnoseService(world.parts, PLACE, fresh);
    expect(asked).toBe(2);
  });

  it('serves nobody who needs one that was asked for later', async () => {
    await diagnoseService(world.parts, PLACE);
    world.pass(1);
    await diagnoseService(world.parts, PLACE);
    expect(asked).toBe(2);
  });

  it.each(['none', 'rate-minute'])('is none for a clock that was set back since, with the fault %s', async (fault) => {
    await world.breakMistral(fault);
    const { at } = await diagnoseService(world.parts, PLACE);
    world.pass(-600_000);
    expect(await diagnoseService(world.parts, PLACE)).not.toMatchObject({ at });
  });

  it('serves one whose clock is a little behind', async () => {
    await diagnoseService(world.parts, PLACE);
    world.pass(-1_000);
    await diagnoseService(world.parts, PLACE);
    expect(asked).toBe(1);
  });

  it('is asked for once a minute while it tells of a limit, whoever asks', async () => {
    await world.breakMistral('rate-minute');
    const { at } = await diagnoseService(world.parts, PLACE);
    world.pass(58_999);
    expect(await diagnoseService(world.parts, PLACE)).toMatchObject({ at });
    world.pass(1);
    expect(await diagnoseService(world.parts, PLACE)).not.toMatchObject({ at });
    expect(asked).toBe(2);
  });

  it('is the check of its other incidents for half of the time between two', async () => {
    const [one = '', two = ''] = await openTwo();
    world.pass(20_000);
    await checkIncident(world.parts, one);
    world.pass(14_000);
    await checkIncident(world.parts, two);
    expect(asked).toBe(1);
    world.pass(1_000);
    await checkIncident(world.parts, two);
    expect(asked).toBe(2);
  });

  it('is not the check of an incident that an alert joined since', async () => {
    const [one = ''] = await openTwo();
    world.pass(20_000);
    await checkIncident(world.parts, one);
    world.pass(1_000);
    await receiveAlerts(world.parts, [makeArrival('job-late', 21, { key: 'three', group: 'one' })]);
    await checkIncident(world.parts, one);
    expect(asked).toBe(2);
  });
});

it.each([
  ['rate-minute', 'rate.minute'],
  ['quota-zero', 'quota.zero_for_model'],
  ['quota-month', 'quota.period_exhausted'],
  ['capacity', 'capacity.model'],
])(
  'who asks again within the minute of %s is told all that was concluded from the last answer',
  async (fault, branch) => {
    await world.breakMistral(fault);
    const target = targetOf(world.parts, PLACE);
    if (target === null) throw new Error('the world has no service');
    const conclude = async () => {
      const { at: _, probes, path: __, latency: ___, ...concluded } = await askTheWorld(world.parts, target);
      return { concluded, chat: probes.find(({ name }) => name.startsWith('chat:')) };
    };
    const first = await conclude();
    expect(first.concluded).toMatchObject({ verdict: 'problem', branch });
    // Another fault meanwhile is not seen before the minute is over.
    await world.breakMistral('rate-minute');
    world.pass(12_000);
    const second = await conclude();
    expect(second.concluded).toEqual(first.concluded);
    expect(second.chat).toMatchObject({ outcome: 'failed', branch, latencyMs: 0 });
    expect(second.chat?.why).toMatch(/^asked 12 s ago and not again within the minute: /);
    expect(asked).toBe(1);
  },
);

it('the stream of a model that is asked once a minute is told as its chat, and asked once that is well', async () => {
  const [first] = world.parts.settings.services;
  if (first === undefined) throw new Error('the world has no service');
  const findings = async () => {
    const { probes, verdict } = await askTheWorld(world.parts, { ...first, streams: true });
    const told = probes.filter(({ name }) => /^(?:chat|stream):/.test(name));
    return [verdict, ...told.map(({ outcome, branch = '' }) => `${outcome} ${branch}`)];
  };
  await world.breakMistral('rate-minute');
  expect(await findings()).toEqual(['problem', 'failed rate.minute', 'failed rate.minute']);
  world.pass(60_000);
  expect(await findings()).toEqual(['problem', 'failed rate.minute', 'failed rate.minute']);
  await world.breakMistral('none');
  world.pass(60_000);
  expect(await findings()).toEqual(['healthy', 'ok ', 'ok ']);
  expect(asked).toBe(3);
});

describe('a key that was read a while ago', () => {
  const reads: boolean[] = [];
  const tried: string[] = [];
  /** What a person put under the label, past everybody. */
  let stored: string | null = null;
  let asking: Promise<void>;
  /** Every reading, with a key kept until a fresh one is asked for. */
  const keepFirstKey = (): void => {
    reads.length = 0;
    tried.length = 0;
    stored = null;
    const { promise, resolve: begun } = Promise.withResolvers<void>();
    asking = promise;
    const { secrets, mistral } = world.parts;
    const { listModels } = mistral;
    let kept: string | null = null;
    Object.assign(world.parts, {
      secrets: {
        ...secrets,
        value: async (...[secretId, at, how]: Parameters<typeof secrets.value>) => {
          if ('label' in at && at.label === 'STANDBY') return secrets.value(secretId, at);
          reads.push(how?.fresh === true);
          if (how?.fresh === true || kept === null) kept = stored ?? (await secrets.value(secretId, at));
          return kept;
        },
      },
    });
    Object.assign(mistral, {
      listModels: (key: string, timeoutMs: number) => {
        tried.push(key);
        begun();
        return listModels(key, timeoutMs);
      },
    });
  };
  const diagnoseLater = () => {
    world.pass(60_000);
    reads.length = 0;
    tried.length = 0;
    return diagnoseService(world.parts, PLACE, kept());
  };
  const kept = () => ({ sinceMs: nowMs(), sharedMs: 2_000, mayKeepKey: true });

  it('and rotated since is read once more and not blamed', async () => {
    keepFirstKey();
    await diagnoseService(world.parts, PLACE, kept());
    const labels = await world.parts.secrets.labels('MISTRAL_SECRET_ID');
    const [from = '', to = ''] = [labels?.get('AWSCURRENT'), labels?.get('STANDBY')];
    await world.parts.secrets.move('MISTRAL_SECRET_ID', 'AWSCURRENT', from, to);
    await world.breakMistral('revoked-key');
    expect(await diagnoseLater()).toMatchObject({ verdict: 'healthy' });
    expect(reads).toEqual([false, true]);
    expect(new Set(tried)).toEqual(new Set(['test-key-current', STANDBY_KEY]));
    await diagnoseLater();
    expect(reads).toEqual([false]);
  });

  it('and refused, but still the current one, is blamed without being tried again', async () => {
    keepFirstKey();
    await diagnoseService(world.parts, PLACE, kept());
    await world.breakMistral('revoked-key');
    expect(await diagnoseLater()).toMatchObject({ branch: 'auth.invalid_key' });
    expect(reads).toEqual([false, true]);
    expect(tried.filter((key) => key !== STANDBY_KEY)).toEqual(['test-key-current']);
  });

  it('is not read again for trouble that is not its own', async () => {
    keepFirstKey();
    await world.breakMistral('error-500');
    await diagnoseLater();
    expect(reads).toEqual([false]);
  });

  describe('is for the routine check alone:', () => {
    const askers = [
      ['of an incident', (id: string) => checkIncident(world.parts, id)],
      ['by a person', (id: string) => checkForPerson(world.parts, id, 'U0MAYA')],
    ] as const;
    const openAfterRoutine = async (): Promise<string> => {
      keepFirstKey();
      await checkRoutinely(world.parts);
      const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
      return id;
    };

    it.each(askers)('a wrong key that was stored since is found by a check %s', async (_who, check) => {
      const id = await openAfterRoutine();
      stored = 'test-key-mistyped';
      // After the alert, and before the incident is looked at: its answer was with the old key.
      world.pass(1);
      await checkRoutinely(world.parts);
      await check(id);
      expect((await world.incident(id)).diagnosis).toMatchObject({ branch: 'auth.invalid_key' });
    });

    it('a check of an incident does not wait for the answer to a kept key', async () => {
      const id = await openAfterRoutine();
      stored = 'test-key-mistyped';
      world.pass(10_000);
      await Promise.all([checkRoutinely(world.parts), checkIncident(world.parts, id)]);
      expect((await world.incident(id)).diagnosis).toMatchObject({ branch: 'auth.invalid_key' });
    });

    it('and the routine check takes the answer to a present one', async () => {
      keepFirstKey();
      const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
      const incidents = checkIncident(world.parts, id);
      await asking;
      await Promise.all([incidents, checkRoutinely(world.parts)]);
      expect(tried.filter((key) => key !== STANDBY_KEY)).toHaveLength(1);
    });
  });
});

it('the labels of a secret are looked at only when something is wrong', async () => {
  let looks = 0;
  const { secrets } = world.parts;
  const labels = (secretId: string) => {
    looks += 1;
    return secrets.labels(secretId);
  };
  Object.assign(world.parts, { secrets: { ...secrets, labels } });
  await diagnoseService(world.parts, PLACE);
  expect(looks).toBe(0);
  await world.breakMistral('error-500');
  world.pass(1);
  await diagnoseService(world.parts, PLACE);
  expect(looks).toBe(1);
});

it('labels that cannot be read are not taken for no standby key', async () => {
  const { secrets } = world.parts;
  await world.breakMistral('revoked-key');
  const offered = async (labels: typeof secrets.labels) => {
    Object.assign(world.parts, { secrets: { ...secrets, labels } });
    world.pass(1);
    const { mitigations } = await diagnoseService(world.parts, PLACE);
    return mitigations.map(({ kind }) => kind).includes('rotate-key');
  };
  expect(await offered(() => Promise.reject(new Error('throttled')))).toBe(true);
  expect(await offered(() => Promise.resolve(new Map([['AWSCURRENT', '1']])))).toBe(false);
});

describe('“Run triage”', () => {
  it('pressed again and again does not make a recovery', async () => {
    const [one = ''] = await openTwo();
    for (let press = 0; press < 3; press += 1) {
      world.pass(1_000);
      await checkForPerson(world.parts, one, 'U0MAYA');
    }
    expect(asked).toBe(3);
    expect(await world.incident(one)).toMatchObject({ status: 'investigating', goodChecks: 1 });
  });

  it('shows the button for a standby key that was stored since', async () => {
    const standby = (await world.parts.secrets.labels('MISTRAL_SECRET_ID'))?.get('STANDBY') ?? '';
    await world.parts.secrets.move('MISTRAL_SECRET_ID', 'STANDBY', standby, null);
    await world.breakMistral('revoked-key');
    const [one = ''] = await openTwo();
    expect((await world.incident(one)).diagnosis?.notOffered.map(({ kind }) => kind)).toContain('rotate-key');
    await world.parts.secrets.move('MISTRAL_SECRET_ID', 'STANDBY', null, standby);
    world.pass(1_000);
    await checkForPerson(world.parts, one, 'U0MAYA');
    expect((await world.incident(one)).diagnosis?.mitigations.map(({ kind }) => kind)).toContain('rotate-key');
  });
});

describe('the routine check', () => {
  const calls: string[] = [];
  const standby: boolean[] = [];
  const note = (): void => {
    const { mistral, secrets } = world.parts;
    const { listModels, listWithoutKey } = mistral;
    Object.assign(world.parts, {
      mistral: {
        ...mistral,
        listModels: (key: string, timeoutMs: number) => {
          calls.push(key === STANDBY_KEY ? 'standby' : 'models');
          return listModels(key, timeoutMs);
        },
        listWithoutKey: (timeoutMs: number) => {
          calls.push('path');
          return listWithoutKey(timeoutMs);
        },
      },
      secrets: {
        ...secrets,
        value: (...[secretId, at, how]: Parameters<typeof secrets.value>) => {
          if ('label' in at && at.label === 'STANDBY') standby.push(how?.fresh === true);
          return secrets.value(secretId, at, how);
        },
      },
    });
  };
  const checkLater = async (ms: number): Promise<readonly string[]> => {
    world.pass(ms);
    calls.length = 0;
    standby.length = 0;
    await checkRoutinely(world.parts);
    return calls.toSorted();
  };

  it('asks what explains trouble only where there is some, at first, and in the first minute of an hour', async () => {
    note();
    expect(await checkLater(60_000)).toEqual(['models', 'path', 'standby']);
    expect(await checkLater(60_000)).toEqual(['models']);
    expect(await checkLater(57 * 60_000)).toEqual(['models']);
    expect(await checkLater(60_000)).toEqual(['models', 'path', 'standby']);
    expect(await checkLater(60_000)).toEqual(['models']);
    await world.breakMistral('error-500');
    expect(await checkLater(60_000)).toEqual(['models', 'path', 'standby']);
    // A kept one may have been moved or replaced since.
    expect(standby).toEqual([true]);
  });

  it('asks the first questions once, also where it goes on', async () => {
    await world.breakMistral('error-500');
    await checkLater(60_000);
    expect(asked).toBe(1);
  });

  it('leaves nothing to others, who need all of it', async () => {
    note();
    await checkLater(60_000);
    await diagnoseService(world.parts, PLACE);
    expect(calls).toContain('path');
  });

  it('takes the answer of an incident, for half of the time between two checks', async () => {
    await diagnoseService(world.parts, PLACE);
    await checkLater(14_000);
    expect(asked).toBe(1);
    await checkLater(1_000);
    expect(asked).toBe(2);
  });

  it('of one service is not kept up by another that cannot be checked', async () => {
    const [one] = world.parts.settings.services;
    if (one === undefined) throw new Error('the world has no service');
    const { store } = world.parts;
    Object.assign(world.parts, {
      settings: { ...world.parts.settings, services: [{ ...one, name: 'broken' }, one] },
      store: {
        ...store,
        read: (...args: Parameters<typeof store.read>) =>
          args[1] === 'production/broken' ? Promise.reject(new Error('down')) : store.read(...args),
      },
    });
    await checkRoutinely(world.parts);
    const checked = await store.read('check', 'routine');
    expect(checked?.record.services).toMatchObject({
      'production/broken': { status: 'degraded' },
      'production/mistral-api': { status: 'healthy' },
    });
  });
});
