import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDocuments } from '../../../lib/adapters/aws/documents.ts';
import { describeDocuments } from '../../contracts/documents.ts';
import { callPeer } from './call-peer.ts';
import { openFaultProxy } from './fault-proxy.ts';
import { openFauxqs } from './fauxqs.ts';
import { openBucket } from './make-bucket.ts';
import { type Arrived, serve } from './serve.ts';

let s3: Awaited<ReturnType<typeof openFauxqs>>;
beforeAll(async () => {
  s3 = await openFauxqs();
});
afterAll(() => s3.close());

describeDocuments('S3 (fauxqs)', () => openBucket(s3.url));

const bytes = Buffer.from('{"a":1}');

it('a document is an object of the bucket, and its place says so', async () => {
  const { port, bucket } = await openBucket(s3.url);
  expect(await port.put('evidence/INC-1/manifest.json', bytes)).toBe(`s3://${bucket}/evidence/INC-1/manifest.json`);
  const answer = await fetch(`${s3.url}/${bucket}/evidence/INC-1/manifest.json`);
  expect(await answer.text()).toBe('{"a":1}');
});

it.each([
  ['evidence/INC-1/manifest.json', 'application/json'],
  ['postmortems/INC-1.md', 'text/markdown; charset=utf-8'],
  ['evidence/INC-1.tar.gz', 'application/gzip'],
  ['quarantine/2026112010-abc.body', 'application/octet-stream'],
  ['quarantine/page.html', 'application/octet-stream'],
])('%s is kept as %s', async (name, type) => {
  const { port, bucket } = await openBucket(s3.url);
  await port.put(name, bytes);
  expect((await fetch(`${s3.url}/${bucket}/${name}`)).headers.get('content-type')).toBe(type);
});

// AWS compares both with what arrives and answers 400 BadDigest or XAmzContentSHA256Mismatch; the peers compare neither.
it('what is put goes with its checksum, in the two ways in which S3 compares it', async () => {
  const arrived: Arrived[] = [];
  const url = await serve((request, response) => {
    arrived.push(request);
    response.end();
  });
  await openDocuments(callPeer(url), 'bucket').put('a.json', bytes);
  const hash = createHash('sha256').update(bytes).digest();
  expect(arrived[0]?.body.equals(bytes)).toBe(true);
  expect(arrived[0]?.headers).toMatchObject({
    'x-amz-checksum-sha256': hash.toString('base64'),
    'x-amz-content-sha256': hash.toString('hex'),
    authorization: expect.stringContaining('x-amz-checksum-sha256;x-amz-content-sha256'),
  });
});

const xml = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;

it.each([
  [400, 'BadDigest', 'refused'],
  [403, 'AccessDenied', 'denied'],
  [404, 'NoSuchBucket', 'not-found'],
  [503, 'SlowDown', 'throttled'],
  [500, 'InternalError', 'unavailable'],
])('%i %s is an error for who puts and for who reads, and not nothing', async (status, code, failure) => {
  const proxy = await openFaultProxy(s3.url, () => ({ kind: 'fail-before', status, body: xml(code) }));
  const documents = openDocuments(callPeer(proxy.url, { wait: async () => undefined }), 'bucket');
  await expect(documents.put('a', bytes)).rejects.toMatchObject({ name: 'AwsError', failure });
  await expect(documents.get('a')).rejects.toMatchObject({ name: 'AwsError', failure });
  await proxy.close();
});

it('a put whose answer is lost is put again', async () => {
  const { bucket, other } = await openBucket(s3.url);
  let count = 0;
  const proxy = await openFaultProxy(s3.url, () => {
    count += 1;
    return { kind: count === 1 ? 'drop-after' : 'pass' };
  });
  await openDocuments(callPeer(proxy.url, { wait: async () => undefined }), bucket).put('a', bytes);
  expect(await other.get('a')).toEqual(bytes);
  expect(count).toBe(2);
  await proxy.close();
});
