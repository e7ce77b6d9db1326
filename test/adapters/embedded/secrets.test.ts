import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type EmbeddedSecrets, openSecrets } from '../../../lib/adapters/embedded/secrets.ts';
import { SECRETS_SCHEMA } from '../../../lib/adapters/embedded/tables.ts';
import { present } from '../../contracts/opened.ts';
import { describeSecrets, type OpenedSecrets } from '../../contracts/secrets.ts';
import { openTwice } from './temp-folder.ts';

type Opened = OpenedSecrets & {
  readonly port: EmbeddedSecrets;
  readonly other: EmbeddedSecrets;
  readonly folder: string;
  readonly passMs: (ms: number) => void;
};

const open = async (): Promise<Opened> => {
  const {
    files: [one, two],
    close,
  } = await openTwice(SECRETS_SCHEMA);
  let nowMs = Date.parse('2026-11-20T10:00:00Z');
  const clock = { nowMs: () => nowMs };
  const port = openSecrets(one, clock);
  return {
    port,
    other: openSecrets(two, clock),
    folder: dirname(one.path),
    provide: port.seed,
    passMs: (ms) => {
      nowMs += ms;
    },
    close,
  };
};

const openForTest = async (): Promise<Opened> => {
  const opened = await open();
  onTestFinished(opened.close);
  return opened;
};

describeSecrets('the embedded secrets', open);

const ID = 'mistral';
const A = 'test-key-a';
const B = 'test-key-b';
const C = 'test-key-c';

/** The values under the labels that matter. */
const state = async (secrets: EmbeddedSecrets): Promise<readonly (string | null)[]> =>
  Promise.all(['AWSCURRENT', 'AWSPREVIOUS', 'STANDBY'].map((label) => secrets.value(ID, { label })));

const rotate = async (secrets: EmbeddedSecrets): Promise<void> => {
  const labels = present(await secrets.labels(ID));
  const to = present(labels.get('STANDBY'));
  await secrets.move(ID, 'AWSCURRENT', present(labels.get('AWSCURRENT')), to);
  await secrets.move(ID, 'STANDBY', to, null);
};

it('the same environment again never overrides a rotation', async () => {
  const { port } = await openForTest();
  await port.seed(ID, { current: A, standby: B });
  await rotate(port);
  for (let start = 0; start < 3; start += 1) await port.seed(ID, { current: A, standby: B });
  expect(await state(port)).toEqual([B, A, null]);
  expect(await port.moves(ID)).toHaveLength(5);
});

it('a key changed in the environment becomes the current version, and the one before is kept', async () => {
  const { port } = await openForTest();
  await port.seed(ID, { current: A, standby: B });
  await port.seed(ID, { current: C, standby: B });
  expect(await state(port)).toEqual([C, A, B]);
});

it('a changed standby key becomes the standby, also after a rotation took the last one', async () => {
  const { port } = await openForTest();
  await port.seed(ID, { current: A, standby: B });
  await rotate(port);
  await port.seed(ID, { current: A, standby: C });
  expect(await state(port)).toEqual([B, A, C]);
  await port.seed(ID, { current: A, standby: 'test-key-d' });
  expect(await state(port)).toEqual([B, A, 'test-key-d']);
});

it('an environment that was brought in line after a rotation changes nothing', async () => {
  const { port } = await openForTest();
  await port.seed(ID, { current: A, standby: B });
  await rotate(port);
  await port.seed(ID, { current: B, standby: C });
  const moves = await port.moves(ID);
  expect(await state(port)).toEqual([B, A, C]);
  await port.seed(ID, { current: B, standby: C });
  expect(await port.moves(ID)).toEqual(moves);
});

it('a standby key that is no longer named stays, and is not taken for a new one when it is named again', async () => {
  const { port } = await openForTest();
  await port.seed(ID, { current: A, standby: B });
  await port.seed(ID, { current: A, standby: null });
  expect(await state(port)).toEqual([A, null, B]);
  await rotate(port);
  await port.seed(ID, { current: A, standby: null });
  await port.seed(ID, { current: A, standby: B });
  expect(await state(port)).toEqual([B, A, null]);
});

it('two processes that start at once make one version of each key', async () => {
  const { port, other } = await openForTest();
  await Promise.all([port, other, port, other].map((one) => one.seed(ID, { current: A, standby: B })));
  expect(await port.moves(ID)).toHaveLength(2);
});

it('the history has every move with its versions, and no value', async () => {
  const { port } = await openForTest();
  await port.seed(ID, { current: A, standby: B });
  const labels = present(await port.labels(ID));
  const from = present(labels.get('AWSCURRENT'));
  const to = present(labels.get('STANDBY'));
  await rotate(port);
  await port.move(ID, 'AWSCURRENT', from, to);
  const moves = (await port.moves(ID)).map((move) => [move.label, move.from, move.to]);
  expect(moves).toEqual([
    ['AWSCURRENT', null, from],
    ['STANDBY', null, to],
    ['AWSCURRENT', from, to],
    ['AWSPREVIOUS', null, from],
    ['STANDBY', to, null],
  ]);
  expect(await port.moves('another')).toEqual([]);
});

it('versions without a label are pruned after a day; labelled and young ones are kept', async () => {
  const { port, passMs } = await openForTest();
  await port.seed(ID, { current: A, standby: null });
  const first = present(present(await port.labels(ID)).get('AWSCURRENT'));
  await port.seed(ID, { current: B, standby: null });
  await port.move(ID, 'HELD-LSE-1', null, first);
  await port.seed(ID, { current: C, standby: null });
  await port.seed(ID, { current: 'test-key-d', standby: null });
  passMs(86_400_001);
  await port.seed(ID, { current: 'test-key-d', standby: null });
  expect(await port.value(ID, { versionId: first })).toBe(A);
  expect(await state(port)).toEqual(['test-key-d', C, null]);
  await port.move(ID, 'HELD-LSE-1', first, null);
  expect(await port.value(ID, { versionId: first })).toBe(A);
  await port.seed(ID, { current: 'test-key-d', standby: null });
  expect(await port.value(ID, { versionId: first })).toBeNull();
});

it('what is remembered of the environment is no second copy of a key', async () => {
  const { port, folder, close } = await open();
  await port.seed(ID, { current: 'test-key-only-once', standby: null });
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('latin1'));
  await close();
  // The log holds one page for each of the two places that a page can be written to, but `seen` never has the value.
  const copies = files.join('').split('test-key-only-once').length - 1;
  expect(copies).toBe(1);
});
