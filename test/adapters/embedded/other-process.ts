import { existsSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJobs } from '../../../lib/adapters/embedded/jobs.ts';
import type { Schema } from '../../../lib/adapters/embedded/schema.ts';
import { openSecrets } from '../../../lib/adapters/embedded/secrets.ts';
import { openStateFile } from '../../../lib/adapters/embedded/state-file.ts';
import { openStore } from '../../../lib/adapters/embedded/store.ts';
import { SECRETS_SCHEMA, STATE_SCHEMA } from '../../../lib/adapters/embedded/tables.ts';

/*
 * A second process for the tests: node other-process.ts TASK FILE [GO]. It waits until the file GO is there, so that several begin at once,
 * and prints one JSON line.
 */
const [task = '', path = '', go] = process.argv.slice(2);
const clock = { nowMs: Date.now };
const say = (line: string): void => void writeSync(1, `${line}\n`);

const ROUNDS = 200;
const group = (text: string): { key: string; incidentId: string; claimedAt: string } => ({
  key: 'n',
  incidentId: text,
  claimedAt: '',
});

/** Adds 1 to one record, ROUNDS times, by compare-and-swap; counts the lost races. */
const count = async (): Promise<unknown> => {
  const file = await openStateFile(path, STATE_SCHEMA);
  const store = openStore(file);
  let lost = 0;
  for (let won = 0; won < ROUNDS; ) {
    const stored = await store.read('group', 'n');
    const next = group(String(Number(stored?.record.incidentId ?? 0) + 1));
    if ((await store.write('group', 'n', next, stored?.version ?? 0)) === null) lost += 1;
    else won += 1;
  }
  await file.close();
  return { lost };
};

/** Takes jobs and finishes them until there is none. */
const take = async (): Promise<unknown> => {
  const file = await openStateFile(path, STATE_SCHEMA);
  const jobs = openJobs(file, clock);
  const ids: string[] = [];
  for (;;) {
    const taken = await jobs.take('jobs', 3, 60_000);
    if (taken.length === 0) break;
    for (const job of taken) {
      ids.push(job.id);
      await jobs.done(job);
    }
  }
  await file.close();
  return ids;
};

/** Seeds and rotates. Whoever comes late finds the label on the standby already, which moves nothing. */
const rotate = async (): Promise<unknown> => {
  const file = await openStateFile(path, SECRETS_SCHEMA);
  const secrets = openSecrets(file, clock);
  await secrets.seed('mistral', { current: 'test-key-a', standby: 'test-key-b' });
  const labels = await secrets.labels('mistral');
  await secrets.move('mistral', 'AWSCURRENT', labels?.get('AWSCURRENT') ?? null, labels?.get('STANDBY') ?? null);
  await file.close();
  return 'rotated';
};

/** Says a line before and after each write, for whoever traces the system calls. */
const trace = async (): Promise<unknown> => {
  const file = await openStateFile(path, STATE_SCHEMA);
  const store = openStore(file);
  const jobs = openJobs(file, clock);
  const lease = { ...group('lease'), id: 'LSE-1' };
  // The first write of a new log syncs its header whatever was asked for.
  await store.write('group', 'first', group('first'), 0);
  say('begin ordered');
  await store.write('group', 'a', group('a'), 0);
  say('end ordered');
  say('begin put');
  await jobs.put([{ id: 'one', queue: 'jobs', body: { kind: 'routine-check' } }]);
  say('end put');
  for (const kind of ['audit', 'lease', 'control'] as const) {
    say(`begin ${kind}`);
    // Any record will do: what is traced is the kind.
    await Reflect.apply(store.write, store, [kind, 'k', lease, 0]);
    say(`end ${kind}`);
  }
  const [taken] = await jobs.take('jobs', 1, 1000);
  say('begin done');
  if (taken) await jobs.done(taken);
  say('end done');
  return 'traced';
};

const openWith = async (schema: Schema): Promise<unknown> => {
  try {
    await (await openStateFile(path, schema)).close();
    return 'opened';
  } catch (error) {
    return error instanceof Error ? error.message : 'thrown';
  }
};

const open = (): Promise<unknown> => openWith(STATE_SCHEMA);

/** Opens it as the next version of the program will; the added step takes a while and cannot be run twice. */
const migrate = (): Promise<unknown> => {
  const slow = `CREATE TABLE added AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) SELECT i FROM n;`;
  return openWith({ ...STATE_SCHEMA, steps: [...STATE_SCHEMA.steps, slow] });
};

const TASKS: Readonly<Record<string, () => Promise<unknown>>> = { count, take, rotate, trace, open, migrate };

const endMs = Date.now() + 10_000;
while (go !== undefined && !existsSync(go) && Date.now() < endMs) await sleep(2);
say(JSON.stringify(await TASKS[task]?.()));
