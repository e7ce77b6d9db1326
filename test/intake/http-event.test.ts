import { describe, expect, it } from 'vitest';
import { type HttpEvent, readEvent } from '../../lib/intake/http-event.ts';

const EVENT: HttpEvent = {
  rawPath: '/alerts/generic',
  rawQueryString: 'token=a%2Bb&x=1&x=2',
  headers: {},
  isBase64Encoded: false,
  requestContext: { http: { method: 'post' } },
};

describe('an HTTP event', () => {
  it('is read into method, path and query', () => {
    const request = readEvent(EVENT);
    expect([request.method, request.path, request.query.get('token')]).toEqual(['POST', '/alerts/generic', 'a+b']);
    expect(request.bytes).toHaveLength(0);
  });

  it('gives the bytes that were sent, also such that are no text', () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28, 0xe4]);
    const body = bytes.toString('base64');
    expect([...readEvent({ ...EVENT, body, isBase64Encoded: true }).bytes]).toEqual([...bytes]);
    expect([...readEvent({ ...EVENT, body: 'ä😱' }).bytes]).toEqual([...Buffer.from('ä😱', 'utf8')]);
  });

  it('names headers in small letters and joins those sent twice', () => {
    const { headers } = readEvent({ ...EVENT, headers: { 'X-A': '1', 'x-a': '2', __proto__: 'p', 'X-B': undefined } });
    expect([...headers]).toEqual([['x-a', '1,2']]);
  });
});
