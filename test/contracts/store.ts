import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GroupRecord } from '../../lib/domain/alert.ts';
import type { Lease } from '../../lib/domain/lease.ts';
import type { RecordKind } from '../../lib/domain/records.ts';
import { NewerRecord, type Store } from '../../lib/ports/store.ts';
import { type Opened, present, times } from './opened.ts';

export type OpenedStore = Opened<Store> & {
  /** Puts a record there that has a shape newer than this program's, version 1. */
  readonly plantNewer: (kind: RecordKind, key: string) => Promise<void>;
};

const group = (key: string, incidentId = 'INC-1'): GroupRecord => ({
  key,
  incidentId,
  claimedAt: '2026-11-20T10:00:00.000Z',
});

const lease: Lease = {
  id: 'LSE-1',
  incidentId: 'INC-1',
  kind: 'rotate-key',
  service: 'chat "ö\u0000 🚀',
  environment: 'production',
  state: 'active',
  requestedBy: 'U1',
  requestedAt: '2026-11-20T10:00:00.000Z',
  approvedBy: null,
  expiresAt: null,
  undoneBy: null,
  plan: { from: 'a', to: 'b', empty: '' },
  outcome: '',
};

export const describeStore = (name: string, open: () => Promise<OpenedStore>): void => {
  describe(`${name} keeps the contract of Store:`, () => {
    let opened: OpenedStore;
    let store: Store;
    let other: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.port;
      other = opened.other;
    });
    afterEach(async () => opened.close());

    it('what was never written is null', async () => {
      expect(await store.read('group', 'g')).toBeNull();
      expect(await store.list('group', '')).toEqual([]);
      expect(await store.due('incident', Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    });

    it('a record comes back as it was written, also through another connection', async () => {
      expect(await store.write('lease', 'LSE-1', lease, 0)).toBe(1);
      expect(await store.read('lease', 'LSE-1')).toEqual({ record: lease, version: 1 });
      expect(await other.read('lease', 'LSE-1')).toEqual({ record: lease, version: 1 });
    });

    it('a record of 60 kB comes back whole', async () => {
      const big = { ...lease, outcome: '€'.repeat(20_000) };
      await store.write('lease', 'big', big, 0);
      expect((await other.read('lease', 'big'))?.record).toEqual(big);
    });

    it('creating what is there already fails and changes nothing', async () => {
      await store.write('group', 'g', group('g', 'INC-1'), 0);
      expect(await other.write('group', 'g', group('g', 'INC-2'), 0)).toBeNull();
      expect(await store.read('group', 'g')).toEqual({ record: group('g', 'INC-1'), version: 1 });
    });

    it('a write of the version that was read wins and raises it; one of any other version fails', async () => {
      await store.write('group', 'g', group('g', 'INC-1'), 0);
      expect(await other.write('group', 'g', group('g', 'INC-2'), 1)).toBe(2);
      for (const stale of [0, 1, 3]) expect(await store.write('group', 'g', group('g', 'INC-3'), stale)).toBeNull();
      expect(await store.read('group', 'g')).toEqual({ record: group('g', 'INC-2'), version: 2 });
    });

    it('changing what is not there fails and creates nothing', async () => {
      expect(await store.write('group', 'g', group('g'), 1)).toBeNull();
      expect(await store.read('group', 'g')).toBeNull();
    });

    it('the same key in another kind is another record', async () => {
      await store.write('group', 'LSE-1', group('LSE-1'), 0);
      expect(await store.read('lease', 'LSE-1')).toBeNull();
      expect(await store.write('lease', 'LSE-1', lease, 0)).toBe(1);
      expect((await store.list('group', '')).map((one) => one.key)).toEqual(['LSE-1']);
    });

    it.each(['group', 'lease'] as const)('of 50 creations of one %s at once exactly one wins', async (kind) => {
      const results = await Promise.all(
        times(50, async (i) => {
          const from = i % 2 === 0 ? store : other;
          return kind === 'group' ? from.write(kind, 'k', group('k', `INC-${i}`), 0) : from.write(kind, 'k', lease, 0);
        }),
      );
      expect(results.filter((version) => version === 1)).toHaveLength(1);
      expect(results.filter((version) => version === null)).toHaveLength(49);
      if (kind === 'group') {
        const winner = results.indexOf(1);
        expect((await other.read('group', 'k'))?.record).toEqual(group('k', `INC-${winner}`));
      }
    });

    it('of 50 changes of one version at once exactly one wins', async () => {
      await store.write('group', 'k', group('k'), 0);
      const results = await Promise.all(
        times(50, (i) => (i % 2 === 0 ? store : other).write('group', 'k', group('k', `INC-${i}`), 1)),
      );
      expect(results.filter((version) => version !== null)).toEqual([2]);
    });

    it('no change is lost when everybody reads, changes and tries again', async () => {
      await store.write('group', 'n', group('n', '0'), 0);
      const increment = async (from: Store): Promise<void> => {
        for (;;) {
          const stored = present(await from.read('group', 'n'));
          const next = group('n', String(Number(stored.record.incidentId) + 1));
          if ((await from.write('group', 'n', next, stored.version)) !== null) return;
        }
      };
      await Promise.all(times(20, (i) => increment(i % 2 === 0 ? store : other)));
      expect(await store.read('group', 'n')).toEqual({ record: group('n', '20'), version: 21 });
    });

    it('a list has the keys with the prefix alone, in order of code points, newest first when asked', async () => {
      const keys = ['INC-1#', 'INC-1#0000000001', 'INC-1#0000000002', 'INC-1#note:z', 'INC-1#é', 'INC-1#\u{1F600}'];
      for (const key of [...keys, 'INC-1', 'INC-1$', 'INC-10#a', 'INC-2#a', 'inc-1#a'].toReversed()) {
        await store.write('group', key, group(key), 0);
      }
      const list = await other.list('group', 'INC-1#');
      expect(list.map((one) => one.key)).toEqual(keys);
      expect(list.map((one) => one.record.key)).toEqual(keys);
      expect(list.every((one) => one.version === 1)).toBe(true);
      const newest = await store.list('group', 'INC-1#', { newestFirst: true, limit: 2 });
      expect(newest.map((one) => one.key)).toEqual(keys.toReversed().slice(0, 2));
      expect((await store.list('group', 'INC-1#', { limit: 1 })).map((one) => one.key)).toEqual(['INC-1#']);
      expect(await store.list('group', '')).toHaveLength(keys.length + 5);
    });

    it('wildcards of any query language in a prefix are plain characters', async () => {
      for (const key of ['a%b', 'a_b', 'axb', "a'b", 'a*b']) await store.write('group', key, group(key), 0);
      for (const prefix of ['a%', 'a_', "a'", 'a*']) {
        expect((await store.list('group', prefix)).map((one) => one.key)).toEqual([`${prefix}b`]);
      }
    });

    it('due has the earliest first, up to and including the time, at most the limit', async () => {
      const dues: readonly (readonly [string, number | null])[] = [
        ['late', 300],
        ['early', 100],
        ['none', null],
        ['now', 200],
        ['never', 201],
      ];
      for (const [key, dueMs] of dues) await store.write('group', key, group(key), 0, dueMs);
      await store.write('lease', 'early', lease, 0, 1);
      expect(await other.due('group', 200, 10)).toEqual([
        { key: 'early', dueMs: 100 },
        { key: 'now', dueMs: 200 },
      ]);
      expect(await store.due('group', 300, 1)).toEqual([{ key: 'early', dueMs: 100 }]);
      expect(await store.due('group', 99, 10)).toEqual([]);
    });

    it('every write says anew when its record is due; one that fails changes that neither', async () => {
      await store.write('group', 'a', group('a'), 0, 100);
      await store.write('group', 'b', group('b'), 0, 100);
      await store.write('group', 'c', group('c'), 0, 100);
      await store.write('group', 'a', group('a'), 1, 50);
      await store.write('group', 'b', group('b'), 1, null);
      await store.write('group', 'c', group('c'), 1);
      expect(await store.write('group', 'a', group('a'), 1, null)).toBeNull();
      expect(await store.due('group', 1000, 10)).toEqual([{ key: 'a', dueMs: 50 }]);
    });

    it('a record of a newer program is refused, not guessed at, and not overwritten', async () => {
      await opened.plantNewer('group', 'future');
      await expect(store.read('group', 'future')).rejects.toThrow(NewerRecord);
      await expect(store.read('group', 'future')).rejects.toThrow(/group future .*newer mistral-triage/);
      await expect(store.list('group', 'fut')).rejects.toThrow(NewerRecord);
      expect(await store.write('group', 'future', group('future'), 1)).toBeNull();
      await expect(other.read('group', 'future')).rejects.toThrow(NewerRecord);
    });

    it('behaves like a map with versions under any sequence of calls', async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(arbitraryWrite, { maxLength: 25 }), async (writes) => {
          run += 1;
          await compareWithMap(store, other, `run${run}/`, writes);
        }),
        { numRuns: 60 },
      );
    });
  });
};

const arbitraryWrite = fc.record({
  key: fc.oneof(
    fc.constantFrom('a', 'a#1', 'a#2', 'b'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
    fc.constantFrom('a\u0000', 'a\u0000b'),
  ),
  ifVersion: fc.integer({ min: 0, max: 3 }),
  value: fc.string({ unit: 'grapheme' }),
  dueMs: fc.option(fc.integer({ min: 0, max: 50 })),
});

type Write = typeof arbitraryWrite extends fc.Arbitrary<infer T> ? T : never;
type Modelled = { readonly record: GroupRecord; readonly version: number; readonly dueMs: number | null };

const compareWithMap = async (store: Store, other: Store, prefix: string, writes: readonly Write[]): Promise<void> => {
  const model = new Map<string, Modelled>();
  for (const { key: short, ifVersion, value, dueMs } of writes) {
    const key = prefix + short;
    const expected = (model.get(key)?.version ?? 0) === ifVersion ? ifVersion + 1 : null;
    expect(await store.write('group', key, group(key, value), ifVersion, dueMs)).toBe(expected);
    if (expected !== null) model.set(key, { record: group(key, value), version: expected, dueMs });
    const known = model.get(key);
    expect(await other.read('group', key)).toEqual(known ? { record: known.record, version: known.version } : null);
  }
  const sorted = [...model].toSorted(([one], [two]) => Buffer.compare(Buffer.from(one), Buffer.from(two)));
  const list = await store.list('group', prefix);
  expect(list).toEqual(sorted.map(([key, { record, version }]) => ({ key, record, version })));
  const due = (await store.due('group', 25, 10_000)).filter((one) => one.key.startsWith(prefix));
  const isDue = ({ dueMs }: Modelled): boolean => dueMs !== null && dueMs <= 25;
  expect(due.map((one) => one.key).toSorted()).toEqual(
    sorted.flatMap(([key, modelled]) => (isDue(modelled) ? [key] : [])).toSorted(),
  );
};
