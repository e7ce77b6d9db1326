import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromItem, type Item, toItem } from '../../../lib/adapters/aws/store-item.ts';
import type { GroupRecord } from '../../../lib/domain/alert.ts';
import { RETENTION_DAYS, type RecordKind } from '../../../lib/domain/records.ts';
import { NewerRecord } from '../../../lib/ports/store.ts';

const writing = { version: 1, writer: 'w', dueMs: null, nowMs: 0 };

const group = (incidentId: string): GroupRecord => ({ key: 'g', incidentId, claimedAt: '2026-11-20T10:00:00.000Z' });

const noise = (bytes: number): string => randomBytes(bytes).toString('base64');

/** As AWS's guide says it, by hand: pk group#g, sk g, version 1, shape 1, writer w, expiresAt 7776000. */
const FRAME_BYTES = 'pkgroup#g'.length + 'skg'.length + 'version'.length + 2 + 'shape'.length + 2;
const MORE_BYTES = 'writerw'.length + 'expiresAt'.length + 1 + 3;
const emptyJson = JSON.stringify(group('')).length;

/** Its item has so many bytes, of which only few say anything. */
const groupOf = (bytes: number): GroupRecord =>
  group('a'.repeat(bytes - FRAME_BYTES - MORE_BYTES - 'body'.length - emptyJson));

const bodyOf = (record: GroupRecord): 'body' | 'packed' =>
  'packed' in toItem('group', 'g', record, writing) ? 'packed' : 'body';

describe('the body of an item', () => {
  it('is text as long as the item costs one write unit of 1024 bytes', () => {
    expect(bodyOf(groupOf(1024))).toBe('body');
    expect(bodyOf(groupOf(1025))).toBe('packed');
  });

  it('is counted in bytes, not in characters', () => {
    expect(bodyOf(group('é'.repeat(500)))).toBe('packed');
    expect(bodyOf(group('e'.repeat(500)))).toBe('body');
  });

  it('stays text where packing saves no whole unit', () => {
    // 1400 characters of base64 pack into some 1070 bytes: two units either way.
    expect(bodyOf(group(noise(1050)))).toBe('body');
    expect(bodyOf(group(noise(3000)))).toBe('packed');
  });

  it.each([0, 2000, 40_000])('comes back as it was with %i bytes of noise', (bytes) => {
    const record = group(`${noise(bytes)} € \u0000 🚀`);
    const item = toItem('group', 'g', record, writing);
    expect(fromItem('group', 'g', item)).toEqual({ record, version: 1 });
  });
});

describe('an item of more than 350 kB', () => {
  it('is refused by name and size and is not quoted', () => {
    const secret = noise(400_000);
    const bytes = expect.stringMatching(
      /^dynamodb\.PutItem: refused \(the group g has \d{6} bytes, at most 358400 are stored\)$/,
    );
    const write = (): Item => toItem('group', 'g', group(secret), writing);
    expect(write).toThrow(expect.objectContaining({ name: 'AwsError', failure: 'refused', message: bytes }));
  });

  it('is one that has so much after packing', () => {
    expect(toItem('group', 'g', group('a'.repeat(400_000)), writing)).toHaveProperty('packed');
  });
});

describe('the other attributes', () => {
  it('say version, shape, writer, when it is due and when it may go', () => {
    const due = { version: 7, writer: 'me', dueMs: 5, nowMs: 1999 };
    expect(toItem('group', 'a#b#c', group('INC-1'), due)).toEqual({
      pk: { S: 'group#a' },
      sk: { S: 'a#b#c' },
      version: { N: '7' },
      shape: { N: '1' },
      writer: { S: 'me' },
      dueKind: { S: 'group' },
      dueMs: { N: '5' },
      expiresAt: { N: String(1 + 365 * 86_400) },
      body: { S: JSON.stringify(group('INC-1')) },
    });
  });

  it('say nothing of what is not due and is kept for ever', () => {
    const check = { checkedAt: '', intervalMs: 1, services: {} };
    const item = toItem('check', 'routine', check, writing);
    expect(Object.keys(item)).toEqual(['pk', 'sk', 'version', 'shape', 'writer', 'body']);
    expect(item['pk']).toEqual({ S: 'check#routine' });
  });
});

describe('what may go', () => {
  it.each<readonly [RecordKind, number | null]>([
    ['alert', 90],
    ['group', 365],
    ['delivery', 365],
    ['timeline', 90],
    ['quarantine', 90],
    ['pacer', 1],
    ['diagnosis', 7],
    ['deployment', 365],
    ['incident', null],
    ['lease', null],
    ['control', null],
    ['audit', null],
    ['check', null],
    ['burial', null],
  ])('%s is kept %s days after its last write (null: for ever)', (kind, days) => {
    expect(RETENTION_DAYS[kind]).toBe(days);
  });
});

describe('an item that this program did not write', () => {
  const good: Readonly<Record<string, unknown>> = {
    version: { N: '1' },
    shape: { N: '1' },
    body: { S: '{"token":"s3cret"}' },
  };

  it.each([
    ['no version', { ...good, version: undefined }],
    ['no version', { ...good, version: { S: '1' } }],
    ['no version', { ...good, version: { N: '0' } }],
    ['no version', { ...good, version: { N: '1.5' } }],
    ['no version', { ...good, shape: { N: '' } }],
    ['no version', 'nothing like an item'],
    ['no readable body', { ...good, body: undefined }],
    ['no readable body', { ...good, body: { S: '{"token":"s3cret"' } }],
    ['no readable body', { ...good, body: { S: '"s3cret"' } }],
    ['no readable body', { ...good, packed: { B: 'czNjcmV0' } }],
  ])('is one clear error with kind and key, never a body: %s, %j', (what, item) => {
    expect(() => fromItem('group', 'g', item)).toThrow(
      expect.objectContaining({
        name: 'AwsError',
        failure: 'unreadable',
        retryable: false,
        message: `dynamodb: unreadable (the group g is damaged or not ours: ${what})`,
      }),
    );
  });

  it('is refused by its shape before its body is looked at', () => {
    const item = { ...good, shape: { N: '2' }, body: { S: 'tomorrow' } };
    expect(() => fromItem('group', 'g', item)).toThrow(NewerRecord);
  });
});
