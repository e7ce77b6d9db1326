import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../lib/adapters/aws/store.ts';
import type { GroupRecord } from '../../../lib/domain/alert.ts';
import type { Store } from '../../../lib/ports/store.ts';
import { type Dynalite, openDynalite } from './dynalite.ts';
import { type Asked, awsError, type Fault, first, openFaultProxy, PASS } from './fault-proxy.ts';
import { callDynamoAt, dynamoAt, makeTable } from './make-table.ts';

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await openDynalite();
});
afterAll(() => dynalite.close());

const DROP: Fault = { kind: 'drop-after' };

const group = (incidentId: string): GroupRecord => ({
  key: 'g',
  incidentId,
  claimedAt: '2026-11-20T10:00:00.000Z',
});

/** Two stores on one table: `store` with these faults on its way, `other` without. */
const openFaulty = async (plan: (asked: Asked, other: Store) => Fault | Promise<Fault>) => {
  const direct = dynamoAt(dynalite.url);
  const table = await makeTable(direct);
  const clock = { nowMs: Date.now };
  const other = openStore({ call: callDynamoAt(dynalite.url), table, clock });
  const proxy = await openFaultProxy(dynalite.url, (asked) => plan(asked, other));
  onTestFinished(async () => {
    direct.destroy();
    await proxy.close();
  });
  const operations = (): readonly string[] => proxy.asked.map(({ operation }) => operation);
  return { store: openStore({ call: callDynamoAt(proxy.url), table, clock }), other, operations, asked: proxy.asked };
};

describe('a write whose answer is lost', () => {
  it('has succeeded when its first try was stored, once', async () => {
    const { store, other, operations } = await openFaulty(first('PutItem', DROP));
    expect(await store.write('group', 'g', group('INC-1'), 0)).toBe(1);
    expect(await other.read('group', 'g')).toEqual({ record: group('INC-1'), version: 1 });
    expect(operations()).toEqual(['PutItem', 'PutItem', 'GetItem']);
  });

  it('has succeeded also as a change', async () => {
    const { store, other } = await openFaulty(first('PutItem', PASS, DROP, DROP));
    await store.write('group', 'g', group('INC-1'), 0);
    expect(await store.write('group', 'g', group('INC-2'), 1)).toBe(2);
    expect(await other.read('group', 'g')).toEqual({ record: group('INC-2'), version: 2 });
  });

  it('has failed when somebody else was first, were it with the same record', async () => {
    const { store, other } = await openFaulty(first('PutItem', DROP));
    await other.write('group', 'g', group('INC-1'), 0);
    expect(await store.write('group', 'g', group('INC-1'), 0)).toBeNull();
  });

  it('has failed when it was never stored and somebody else came between its tries', async () => {
    const drop = first('PutItem', { kind: 'drop-before' });
    const { store, other } = await openFaulty(async (asked, another) => {
      const fault = drop(asked);
      if (fault.kind === 'drop-before') await another.write('group', 'g', group('INC-2'), 0);
      return fault;
    });
    expect(await store.write('group', 'g', group('INC-1'), 0)).toBeNull();
    expect((await other.read('group', 'g'))?.record).toEqual(group('INC-2'));
  });

  it('is told as an outcome that nobody knows when every answer is lost', async () => {
    const { store } = await openFaulty(first('PutItem', DROP, DROP, DROP));
    await expect(store.write('group', 'g', group('INC-1'), 0)).rejects.toMatchObject({
      name: 'AwsError',
      failure: 'unavailable',
      retryable: true,
      attempts: 3,
    });
  });
});

it('a write that fails at its first try costs no second call', async () => {
  const { store, other, operations } = await openFaulty(() => PASS);
  await other.write('group', 'g', group('INC-1'), 0);
  expect(await store.write('group', 'g', group('INC-2'), 0)).toBeNull();
  expect(operations()).toEqual(['PutItem']);
});

// No peer ever answers with something older, so only the question can be looked at.
it('every read but that of the index asks for what is stored now', async () => {
  const { store, asked } = await openFaulty(() => PASS);
  await store.read('group', 'g');
  await store.list('group', 'g#');
  await store.list('group', 'g');
  for (const { body } of asked) expect(JSON.parse(body)).toMatchObject({ ConsistentRead: true });
  expect(asked).toHaveLength(3);
});

describe('AWS that refuses for now', () => {
  it('is asked again, and it does no harm when that helps', async () => {
    const { store } = await openFaulty(first('PutItem', awsError(500, 'InternalServerError')));
    expect(await store.write('group', 'g', group('INC-1'), 0)).toBe(1);
  });

  it('is a retryable failure after three tries', async () => {
    const rows = [
      [400, 'ProvisionedThroughputExceededException', 'throttled'],
      [400, 'ThrottlingException', 'throttled'],
      [500, 'InternalServerError', 'unavailable'],
      [503, 'ServiceUnavailable', 'unavailable'],
    ] as const;
    const failures = rows.map(async ([status, code, failure]) => {
      const fault = awsError(status, code);
      const { store, operations } = await openFaulty(({ operation }) => (operation === 'Query' ? fault : PASS));
      const words = { name: 'AwsError', failure, retryable: true, message: `dynamodb.Query: ${failure} (${code})` };
      await expect(store.due('group', 1, 1)).rejects.toMatchObject(words);
      expect(operations()).toEqual(['Query', 'Query', 'Query']);
    });
    await Promise.all(failures);
  });
});

describe('AWS that will say the same again', () => {
  it.each([
    ['AccessDeniedException', 'denied'],
    ['ResourceNotFoundException', 'not-found'],
    ['ValidationException', 'refused'],
  ])('%s is %s, at once, for every method', async (code, failure) => {
    const { store, operations } = await openFaulty(() => awsError(400, code));
    const words = (operation: string) => ({
      message: `dynamodb.${operation}: ${failure} (${code})`,
      retryable: false,
    });
    await expect(store.read('group', 'g')).rejects.toMatchObject(words('GetItem'));
    await expect(store.write('group', 'g', group('INC-1'), 0)).rejects.toMatchObject(words('PutItem'));
    await expect(store.list('group', 'g#')).rejects.toMatchObject(words('Query'));
    await expect(store.list('group', 'g')).rejects.toMatchObject(words('Scan'));
    await expect(store.due('group', 1, 1)).rejects.toMatchObject(words('Query'));
    expect(operations()).toEqual(['GetItem', 'PutItem', 'Query', 'Scan', 'Query']);
  });
});
