import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SOURCES } from '../../lib/intake/sources.ts';
import { alertsOf, firstAlert, parseBytes, parseJson, tellAlerts } from './fixtures.ts';

const NAMES = SOURCES.map(({ name }) => name);

describe('any body', () => {
  it('is parsed without an exception and within its bounds, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.uint8Array({ maxLength: 200 }), (source, bytes) => {
        parseBytes(source, bytes);
      }),
    );
  });

  const entries = fc.oneof(
    fc.json({ maxDepth: 4 }).map((text): unknown => JSON.parse(text)),
    fc.dictionary(
      fc.constantFrom('title', 'labels', 'status', 'fingerprint', 'startsAt', 'id', '__proto__', 'annotations', 'link'),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  );
  const foreign = fc.dictionary(
    fc.constantFrom(
      ...[
        'Message',
        'TopicArn',
        'Type',
        'Records',
        'AlarmName',
        'AlarmDescription',
        'Trigger',
        'Metrics',
        'Dimensions',
      ],
      ...['alert_id', 'transition', 'scope', 'tags', 'date', 'event_type', 'last_updated', 'title'],
      ...['orgId', 'ruleId', 'evalMatches', 'state', 'alerts', 'groupKey', 'generatorURL'],
    ),
    fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string()),
  );
  it('is parsed without an exception, whatever the JSON, and every alert keeps to its form', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.oneof(entries, foreign), fc.boolean(), (source, entry, wrapped) => {
        const parsed = parseJson(source, wrapped ? { groupKey: 'g', alerts: [entry, entry] } : entry);
        for (const alert of parsed.kind === 'alerts' ? parsed.alerts : []) {
          expect(alert.key).toMatch(/^[0-9a-f]{64}$/);
          expect(alert.group).toMatch(/^[0-9a-f]{64}$/);
          expect(alert.title).toMatch(/\S/);
          expect(JSON.stringify(alert)).not.toMatch(/\\u0000|\\ud[89a-f]/);
        }
      }),
      { numRuns: 300 },
    );
  });

  const encodings: readonly (readonly [string, Uint8Array])[] = [
    ['a byte-order mark', Buffer.from('\ufeff{"title":"ä"}', 'utf8')],
    ['UTF-16', Buffer.from('\ufeff{"title":"ä"}', 'utf16le')],
    ['UTF-16 the other way round', Buffer.from('\ufeff{"title":"ä"}', 'utf16le').swap16()],
    ['a form', Buffer.from(`payload=${encodeURIComponent('{"title":"ä"}')}`)],
    ['space around it', Buffer.from('\r\n {"title":"ä"} \n')],
    ['a key twice', Buffer.from('{"title":"b","title":"ä"}')],
  ];
  for (const [what, bytes] of encodings) {
    it(`is read with ${what}`, () => {
      expect(firstAlert(parseBytes('generic', bytes)).title).toBe('ä');
    });
  }

  const nothing: readonly (readonly [string, string])[] = [
    ['', 'empty'],
    [' \n', 'empty'],
    ['{"title":', 'unreadable'],
    ['payload=%7B', 'unreadable'],
    ['title=x', 'unreadable'],
    ['<html></html>', 'unreadable'],
  ];
  for (const [body, kind] of nothing) {
    it(`is ${kind}: ${JSON.stringify(body)}`, () => {
      for (const source of NAMES) expect(parseBytes(source, Buffer.from(body)).kind).toBe(kind);
    });
  }

  it('of deep nesting is only unreadable', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    for (const source of NAMES) expect(parseBytes(source, Buffer.from(deep)).kind).toBe('unreadable');
  });

  it('of more entries than any monitor sends is read up to the limit, and says so', () => {
    const parsed = parseJson(
      'generic',
      Array.from({ length: 20_003 }, (_, index) => ({ text: `t${index}` })),
    );
    expect(alertsOf(parsed)).toHaveLength(20_000);
    expect(parsed).toMatchObject({ unreadable: 3, truncated: 'alerts over the limit of one body: 3' });
  });
});

describe('what one alert may hold', () => {
  const labels = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`l${index}`, 'v']));

  it('is cut to its bounds, and the cuts are told', () => {
    const parsed = parseJson('generic', {
      title: 't'.repeat(5000),
      message: 'm'.repeat(5000),
      labels: { long: 'x'.repeat(2000), ['n'.repeat(300)]: 'v', ...labels },
    });
    const alert = firstAlert(parsed);
    expect(alert.title).toBe(`${'t'.repeat(199)}…`);
    expect(alert.summary).toBe(`${'m'.repeat(1999)}…`);
    expect(alert.labels['long']).toBe(`${'x'.repeat(1023)}…`);
    expect(alert.labels[`${'n'.repeat(127)}…`]).toBe('v');
    expect(Object.keys(alert.labels)).toHaveLength(64);
    expect(parsed).toMatchObject({
      truncated:
        'shortened title: 1, shortened summary: 1, shortened label value: 1, shortened label name: 1, labels left out: 38',
    });
  });

  it('is left whole when it just fits', () => {
    const parsed = parseJson('generic', { title: 't'.repeat(200) });
    expect(parsed).toMatchObject({ truncated: null, alerts: [{ title: 't'.repeat(200) }] });
  });

  it('never ends in half a character', () => {
    const { title } = firstAlert(parseJson('generic', { title: '😱'.repeat(300) }));
    expect(title).toBe(`${'😱'.repeat(99)}…`);
  });

  it('loses control characters and lone surrogates, and nothing else', () => {
    const { title, summary } = firstAlert(
      parseJson('generic', { title: ' a\0b\u001b[31m\ud800é\n c ', message: 'x\ty\r\nz\u0085' }),
    );
    expect([title, summary]).toEqual(['ab[31mé c', 'x\ty\nz']);
  });

  it('of labels together stays far below what a job may be', () => {
    const huge = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`l${index}`, '大'.repeat(1024)]));
    const alert = firstAlert(parseJson('generic', { title: 't', labels: huge }));
    expect(Buffer.byteLength(JSON.stringify(alert))).toBeLessThan(64_000);
  });
});

describe('one key twice in a body', () => {
  const tell = (...entries: readonly object[]) =>
    tellAlerts(
      parseJson(
        'generic',
        entries.map((entry) => ({ title: 't', id: 'k', ...entry })),
      ),
    ).map((line) => line.split(' ')[0]);
  const rows: readonly (readonly [string, readonly object[], string])[] = [
    [
      'the later time wins',
      [
        { state: 'firing', startsAt: '2026-11-20T08:02:00Z' },
        { state: 'ok', endsAt: '2026-11-20T08:01:00Z' },
      ],
      'firing',
    ],
    [
      'the later time wins',
      [
        { state: 'ok', endsAt: '2026-11-20T08:03:00Z' },
        { state: 'firing', startsAt: '2026-11-20T08:02:00Z' },
      ],
      'resolved',
    ],
    [
      'on a tie firing wins',
      [
        { state: 'firing', startsAt: '2026-11-20T08:00:00Z' },
        { state: 'ok', endsAt: '2026-11-20T08:00:00Z' },
      ],
      'firing',
    ],
    [
      'on a tie firing wins',
      [
        { state: 'ok', endsAt: '2026-11-20T08:00:00Z' },
        { state: 'firing', startsAt: '2026-11-20T08:00:00Z' },
      ],
      'firing',
    ],
    ['without times the last wins', [{ state: 'ok' }, { state: 'firing' }], 'firing'],
    ['without times the last wins', [{ state: 'firing' }, { state: 'ok' }], 'resolved'],
    ['no time means now', [{ state: 'ok' }, { state: 'firing', startsAt: '2026-11-20T08:00:00Z' }], 'resolved'],
  ];
  for (const [rule, entries, state] of rows) {
    it(`${rule}: ${JSON.stringify(entries)}`, () => {
      expect(tell(...entries)).toEqual([state]);
    });
  }

  it('counts what was overruled', () => {
    expect(parseJson('generic', [{ text: 'a' }, { text: 'a' }, { text: 'a' }, { text: 'b' }])).toMatchObject({
      ignored: 2,
    });
  });
});
