import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../lib/report/redact.ts';

const SECRET = 'own-secret+with/odd "chars" é 12345';
const at = (prefix: string, text: string): string => Buffer.from(prefix + text, 'utf8').toString('base64');

describe('our own secrets', () => {
  it.each([
    ['plain', SECRET],
    ['JSON-escaped', JSON.stringify(SECRET).slice(1, -1)],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a URL, lower case', encodeURIComponent(SECRET).replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase())],
    ['in a form', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['base64', at('', SECRET)],
    ['base64 after one byte', at('x', SECRET)],
    ['base64 after two bytes', at('ab', SECRET)],
    ['base64url', Buffer.from(SECRET, 'utf8').toString('base64url')],
    ['hexadecimal', Buffer.from(SECRET, 'utf8').toString('hex')],
    ['hexadecimal in capitals', Buffer.from(SECRET, 'utf8').toString('hex').toUpperCase()],
  ])('are taken out %s', (_name, form) => {
    const clean = redact(`before ${form} after`, [SECRET]);
    expect(clean).toContain('[redacted]');
    expect(clean.startsWith('before ')).toBe(true);
    expect(clean.endsWith(' after')).toBe(true);
    expect(clean).not.toContain(form.slice(8, -8));
  });

  it('are taken out when one half of them stands alone', () => {
    const key = 'abcdefghijklmnopqrstuvwxyz012345';
    expect(redact(`first ${key.slice(0, 16)} then ${key.slice(16)} end`, [key])).toBe(
      'first [redacted] then [redacted] end',
    );
    expect(redact(`middle ${key.slice(7, 25)} end`, [key])).toBe('middle [redacted] end');
  });

  it('do not take common words with them', () => {
    expect(redact('mistral-triage rotates the test-key', ['mistral-test-key-standby'])).toBe(
      'mistral-triage rotates the test-key',
    );
  });

  it('of less than four characters are none', () => {
    expect(redact('a b c', ['', 'a', 'b c'])).toBe('a b c');
  });

  it('never survive, wherever they stand and however they are written', () => {
    const secret = fc
      .string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 60 })
      .filter((text) => !'[redacted]'.includes(text.trim()));
    const form = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => JSON.stringify(text).slice(1, -1),
      encodeURIComponent,
      (text) => Buffer.from(text).toString('base64'),
      (text) => Buffer.from(text).toString('base64url'),
    );
    fc.assert(
      fc.property(secret, form, fc.string(), fc.string(), (own, write, before, after) => {
        const clean = redact(`${before} ${write(own)} ${after}`, [own]);
        expect(clean).not.toContain(own);
        if (write(own).length >= 16)
          expect(clean.replaceAll(before, '').replaceAll(after, '')).not.toContain(write(own));
      }),
    );
  });
});

describe('what looks like a secret', () => {
  it.each([
    ['Authorization: Bearer abc.def-ghi', 'Authorization: [redacted]'],
    ['{"authorization":"Bearer abcdefgh","b":1}', '{"authorization":"[redacted]","b":1}'],
    ['{\\"Authorization\\":\\"Basic abcdefgh\\"}', '{\\"Authorization\\":[redacted]'],
    ['Cookie: a=1; session=xyz\nHost: x', 'Cookie: [redacted]\nHost: x'],
    ['set-cookie: sid=1', 'set-cookie: [redacted]'],
    ['postgres://bob:hunter@db.example/x', 'postgres://[redacted]@db.example/x'],
    ['https://h.example/a?x=1&token=abc&y=2', 'https://h.example/a?x=1&token=[redacted]&y=2'],
    ['https://h.example/a?X-Amz-Signature=0123abcd#f', 'https://h.example/a?X-Amz-Signature=[redacted]#f'],
    ['https://h.example/a?sig=a&amp;code=b', 'https://h.example/a?sig=[redacted]&amp;code=[redacted]'],
    ['MISTRAL_API_KEY=abc123 next', 'MISTRAL_API_KEY=[redacted] next'],
    ["export SLACK_SIGNING_SECRET='abc'", "export SLACK_SIGNING_SECRET='[redacted]'"],
    ['"client_secret": "abc", "x": 1', '"client_secret": "[redacted]", "x": 1'],
    ['DB_PASSWORD: abc', 'DB_PASSWORD: [redacted]'],
    ['password=abc&x=1', 'password=[redacted]&x=1'],
    ['apiKey: "abc"', 'apiKey: "[redacted]"'],
    [`${'xox'}b-000-not-a-real-one`, '[redacted]'],
    ['sent Bearer abcdefgh12345', 'sent Bearer [redacted]'],
    [`see https://${'hooks.slack'}.com/services/T0/B0/x`, 'see https://hooks.slack.com/[redacted]'],
  ])('%s', (text, expected) => {
    expect(redact(text, [])).toBe(expected);
  });

  it.each([
    'Rotate key: the new key works.',
    'mitigation.rotate-key: asked for by U0MAYA',
    'MISTRAL_FALLBACK=true, MISTRAL_TIMEOUT_MS=30000',
    'The key is refused (401). Bearer of bad news, basic monitoring',
    'x-ratelimit-remaining-tokens-minute 0',
    'https://prometheus.example/graph?g0.expr=rate(x[5m])&g0.tab=1',
    'a'.repeat(64),
  ])('leaves %s as it is', (text) => {
    expect(redact(text, [])).toBe(text);
  });

  it('changes nothing the second time', () => {
    const parts = fc.constantFrom(
      'Authorization: ',
      'Bearer abcdefghij',
      'https://a:b@c/?token=d',
      'X_KEY=',
      '"',
      "'",
      '\n',
      ' ',
      'own-secret-value',
      '\\',
      'Cookie',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (list) => {
        const once = redact(list.join(''), ['own-secret-value']);
        expect(redact(once, ['own-secret-value'])).toBe(once);
        expect(once).not.toContain('own-secret');
        expect(redact(list.join(' '), [])).not.toMatch(/abcdefghij|a:b@/);
      }),
    );
  });

  it.each([
    ['-'.repeat(200_000)],
    ['a-'.repeat(100_000)],
    ['a://'.repeat(50_000)],
    ['-----BEGIN PRIVATE KEY-----'.repeat(7_000)],
    ['eyJ'.repeat(60_000)],
    ['_key'.repeat(50_000)],
    ['cookie'.repeat(30_000)],
    ['&token='.repeat(30_000)],
    ['abcdefghijklmnop'.repeat(12_000)],
  ])('ends on long text made against it: %.12s', (text) => {
    expect(redact(text, ['abcdefghijklmnoqrstuvwxyz']).length).toBeGreaterThan(0);
  });
});
