import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyAlertsToken, verifySlackSignature } from '../../lib/intake/verify.ts';

const TOKENS = ['test-token-new', 'test-token-old'];

const lets = (given: { headers?: Record<string, string>; query?: string; tokens?: readonly string[] }) =>
  verifyAlertsToken({
    headers: new Map(Object.entries(given.headers ?? {})),
    query: new URLSearchParams(given.query ?? ''),
    tokens: given.tokens ?? TOKENS,
  });
const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });

describe('a sender of alerts', () => {
  const welcome: readonly (readonly [string, Parameters<typeof lets>[0]])[] = [
    ['Bearer', { headers: { authorization: 'Bearer test-token-new' } }],
    ['bearer in small letters', { headers: { authorization: 'bearer  test-token-new ' } }],
    ['an older token that is still valid', { headers: { authorization: 'Bearer test-token-old' } }],
    ['Basic with the token as password', { headers: basic('anybody:test-token-new') }],
    ['Basic without a user', { headers: basic(':test-token-new') }],
    ['Basic with colons in the token', { headers: basic('u:a:b'), tokens: ['a:b'] }],
    ['X-Alerts-Token', { headers: { 'x-alerts-token': 'test-token-new' } }],
    ['the address', { query: 'a=b&token=test-token-new' }],
    ['one good of several', { headers: { authorization: 'Bearer wrong' }, query: 'token=test-token-new' }],
  ];
  for (const [how, given] of welcome) {
    it(`is let in by ${how}`, () => {
      expect(lets(given)).toBe(true);
    });
  }

  const refused: readonly (readonly [string, Parameters<typeof lets>[0]])[] = [
    ['nothing', {}],
    ['another token', { headers: { authorization: 'Bearer test-token' } }],
    ['a longer token', { headers: { authorization: 'Bearer test-token-new2' } }],
    ['the token without a scheme', { headers: { authorization: 'test-token-new' } }],
    ['another scheme', { headers: { authorization: 'Digest test-token-new' } }],
    ['the token as user of Basic', { headers: basic('test-token-new:') }],
    ['the token alone in Basic', { headers: basic('test-token-new') }],
    ['two headers at once', { headers: { authorization: 'Bearer test-token-new,Bearer test-token-new' } }],
    ['all tokens at once', { headers: { authorization: 'Bearer test-token-new,test-token-old' } }],
    ['anything, when no token is configured', { headers: { authorization: 'Bearer x' }, tokens: [] }],
    ['an empty token', { headers: { 'x-alerts-token': '' }, query: 'token=', tokens: [''] }],
    ['an empty password', { headers: basic('u:'), tokens: [''] }],
  ];
  for (const [how, given] of refused) {
    it(`is refused with ${how}`, () => {
      expect(lets(given)).toBe(false);
    });
  }

  it('is let in by exactly its token, whatever the token is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (token, other) => {
        expect(lets({ headers: { 'x-alerts-token': token }, tokens: ['z', token] })).toBe(true);
        expect(lets({ headers: { 'x-alerts-token': other }, tokens: [token] })).toBe(other === token);
        expect(lets({ headers: basic(`u:${token.toWellFormed()}`), tokens: [token.toWellFormed()] })).toBe(true);
      }),
    );
  });
});

const NOW_MS = 1_795_161_600_000;
const SECRET = 'test-signing-secret';
const sign = (bytes: Uint8Array, timestamp: string, secret = SECRET) =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(bytes).digest('hex')}`;
const stamp = (offsetSeconds = 0) => String(NOW_MS / 1000 + offsetSeconds);

const verify = (given: {
  bytes?: Uint8Array;
  timestamp?: string;
  signature?: string;
  secrets?: readonly string[];
  nowMs?: number;
}) => {
  const bytes = given.bytes ?? Buffer.from('payload=%7B%7D');
  const timestamp = given.timestamp ?? stamp();
  const signature = given.signature ?? sign(bytes, timestamp);
  return verifySlackSignature({
    bytes,
    headers: new Map([
      ['x-slack-request-timestamp', timestamp],
      ['x-slack-signature', signature],
    ]),
    signingSecrets: given.secrets ?? [SECRET],
    nowMs: given.nowMs ?? NOW_MS,
  });
};

describe("a request with Slack's signature", () => {
  it("is believed: the example of Slack's own documentation is made the same way", () => {
    // The published base string and result for a secret that is public.
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const verdict = verify({
      bytes: Buffer.from(body),
      timestamp: '1531420618',
      signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      secrets: ['8f742231b10e8888abcd99yyyzzz85a5'],
      nowMs: 1_531_420_618_000,
    });
    expect(verdict).toEqual({ ok: true });
  });

  it('is believed with either of two secrets, at both ends of the window, over bytes that are no text', () => {
    expect(verify({ secrets: ['other', SECRET] })).toEqual({ ok: true });
    for (const offset of [-300, 300]) expect(verify({ timestamp: stamp(offset) })).toEqual({ ok: true });
    expect(verify({ bytes: Buffer.from([0xff, 0xfe, 0, 0xc3, 0x28]) })).toEqual({ ok: true });
    expect(verify({ bytes: Buffer.of() })).toEqual({ ok: true });
  });

  const refused: readonly (readonly [string, Parameters<typeof verify>[0], string])[] = [
    ['too old', { timestamp: stamp(-301) }, 'timestamp is outside the window'],
    ['from the future', { timestamp: stamp(301) }, 'timestamp is outside the window'],
    ['without a clock', { nowMs: Number.NaN }, 'timestamp is outside the window'],
    ['with an empty timestamp', { timestamp: '' }, 'timestamp is missing or malformed'],
    ['with a timestamp that is no number', { timestamp: 'NaN' }, 'timestamp is missing or malformed'],
    ['with a fraction', { timestamp: `${stamp()}.0` }, 'timestamp is missing or malformed'],
    ['with an exponent', { timestamp: '1e9' }, 'timestamp is missing or malformed'],
    ['with two timestamps', { timestamp: `${stamp()},${stamp()}` }, 'timestamp is missing or malformed'],
    ['with an empty signature', { signature: '' }, 'signature is missing or malformed'],
    ['with a short signature', { signature: 'v0=abcd' }, 'signature is missing or malformed'],
    ['with another version', { signature: `v1=${'0'.repeat(64)}` }, 'signature is missing or malformed'],
    ['with a signature of its own', { signature: `v0=${'0'.repeat(64)}` }, 'signature does not match'],
    [
      'signed for another time',
      { signature: sign(Buffer.from('payload=%7B%7D'), stamp(1)) },
      'signature does not match',
    ],
    ['signed with another secret', { secrets: ['other'] }, 'signature does not match'],
    ['when no secret is configured', { secrets: [] }, 'no signing secret is configured'],
    [
      'signed with the empty secret',
      { secrets: [''], signature: sign(Buffer.from('payload=%7B%7D'), stamp(), '') },
      'no signing secret is configured',
    ],
  ];
  for (const [what, given, why] of refused) {
    it(`is refused ${what}`, () => {
      expect(verify(given)).toEqual({ ok: false, why });
    });
  }

  it('is refused without its headers', () => {
    const given = {
      bytes: Buffer.from('x'),
      headers: new Map<string, string>(),
      signingSecrets: [SECRET],
      nowMs: NOW_MS,
    };
    expect(verifySlackSignature(given).ok).toBe(false);
  });

  it('is refused after any change of one byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, flip) => {
        const changed = Uint8Array.from(bytes, (byte, index) => (index === at % bytes.length ? byte ^ flip : byte));
        const signature = sign(bytes, stamp());
        expect(verify({ bytes, signature })).toEqual({ ok: true });
        expect(verify({ bytes: changed, signature }).ok).toBe(false);
      }),
    );
  });
});
