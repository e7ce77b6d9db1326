import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createSignedCall } from '../../../lib/adapters/aws/signed-request.ts';
import { callPeer, PEER_VARIABLES } from './call-peer.ts';
import { type Arrived, serve } from './serve.ts';

const noWait = async (): Promise<void> => undefined;
const ask = (url: string, options: Parameters<typeof callPeer>[1] = {}): Promise<unknown> =>
  callPeer(url, { wait: noWait, ...options }).callJson('sqs', 'ListQueues', {});

it('a call is one POST with what to do, who asks, and the session; the next one takes the same connection', async () => {
  const arrived: Arrived[] = [];
  const url = await serve((request, response) => {
    arrived.push(request);
    response.end('{"SecretString":"é"}');
  });
  const variables = { ...PEER_VARIABLES, AWS_SESSION_TOKEN: 'session', AWS_ENDPOINT_URL_SECRETS_MANAGER: url };
  const { callJson } = createSignedCall({ variables, limitMs: 10_000 });
  const question = { SecretId: 'app' };
  expect(await callJson('secretsmanager', 'GetSecretValue', question)).toEqual({ SecretString: 'é' });
  await callJson('secretsmanager', 'GetSecretValue', question);
  const [first, second] = arrived;
  expect(first?.method).toBe('POST');
  expect(JSON.parse(String(first?.body))).toEqual(question);
  expect(first?.headers).toMatchObject({
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.GetSecretValue',
    'x-amz-security-token': 'session',
    authorization: expect.stringMatching(/Credential=test\/\d{8}\/eu-west-1\/secretsmanager\/.*x-amz-security-token/),
  });
  expect(second?.socket).toBe(first?.socket);
});

it('an answer without a body is an empty one', async () => {
  expect(await ask(await serve((_request, response) => void response.end()))).toEqual({});
});

type Reply = { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> };

const serveReplies = (...replies: readonly Reply[]): Promise<string> =>
  serve((_request, response, before) => {
    const { status, body = '', headers = {} } = replies[Math.min(before, replies.length - 1)] ?? { status: 200 };
    response.writeHead(status, headers).end(body);
  });

const DONE: Reply = { status: 200, body: '{"done":true}' };

it.each([
  ['an error of the server', { status: 500, body: '{"__type":"InternalFailure"}' }],
  ['a gateway that speaks HTML', { status: 502, body: '<html>Bad gateway</html>' }],
  ['a throttled call', { status: 400, body: '{"__type":"com.amazonaws.sqs#RequestThrottled"}' }],
  ['too many requests', { status: 429 }],
] as const)('%s is tried once more', async (_what, reply) => {
  expect(await ask(await serveReplies(reply, DONE))).toEqual({ done: true });
});

it.each([
  ['unavailable', 'InternalFailure', 2, { status: 500, headers: { 'x-amzn-errortype': 'InternalFailure:http://x/' } }],
  ['unavailable', 'Http503', 2, { status: 503, body: '{"__type":7}' }],
  ['throttled', 'ThrottlingException', 2, { status: 400, body: '{"__type":"a#ThrottlingException"}' }],
  ['denied', 'AccessDeniedException', 1, { status: 400, body: '{"__type":"AccessDeniedException"}' }],
  ['denied', 'Http403', 1, { status: 403, body: 'Forbidden by a proxy' }],
  ['not-found', 'ResourceNotFoundException', 1, { status: 400, body: '{"__type":"ResourceNotFoundException"}' }],
  ['not-found', 'NoSuchBucket', 1, { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' }],
  ['refused', 'Http400', 1, { status: 400, body: '{"__type":"what was sent: a secret"}' }],
  ['unreadable', 'Http301', 1, { status: 301, headers: { location: 'http://127.0.0.1:1/' } }],
  ['unreadable', 'NotJson', 1, { status: 200, body: '<html>Log in first</html>' }],
  ['unreadable', 'AnswerTooLong', 1, { status: 200, body: 'x'.repeat(10_000_000) }],
] as const)('%s (%s) is said after %i tries', async (failure, code, attempts, reply) => {
  const trouble = ask(await serveReplies(reply));
  await expect(trouble).rejects.toMatchObject({ name: 'AwsError', failure, attempts });
  await expect(trouble).rejects.toThrow(`sqs.ListQueues: ${failure} (${code})`);
});

it.each([
  ['cut before an answer', (_request: Arrived, response) => response.destroy(), 'unavailable', 2],
  [
    'cut within the answer',
    (_request: Arrived, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => response.destroy());
    },
    'unavailable',
    2,
  ],
  ['never answered', () => undefined, 'timeout', 1],
  [
    'answered without an end',
    (_request: Arrived, response) => {
      response.writeHead(200).flushHeaders();
    },
    'timeout',
    1,
  ],
] satisfies readonly (readonly [string, Parameters<typeof serve>[0], string, number])[])(
  'a call that is %s comes to an end',
  async (_what, answer, failure, attempts) => {
    const limitMs = failure === 'timeout' ? 100 : 10_000;
    await expect(ask(await serve(answer), { limitMs })).rejects.toMatchObject({ name: 'AwsError', failure, attempts });
  },
);

it('the limit is for both tries together', async () => {
  const url = await serve((_request, response, before) => {
    if (before === 0) response.writeHead(500).end();
    else setTimeout(() => response.end('{}'), 500);
  });
  const slowWait = (): Promise<void> => pause(200);
  await expect(ask(url, { limitMs: 600, wait: slowWait })).rejects.toMatchObject({ failure: 'timeout', attempts: 2 });
});

it('there is no second try when its wait would take the time that is left', async () => {
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  const url = await serveReplies({ status: 500 });
  await expect(ask(url, { limitMs: 240, wait, chance: () => 1 })).rejects.toMatchObject({ attempts: 1 });
  await expect(ask(url, { limitMs: 10_000, wait, chance: () => 0.5 })).rejects.toMatchObject({ attempts: 2 });
  expect(waits).toEqual([100]);
});

it('what does not speak HTTP is told from what is away', async () => {
  const server = createServer((socket) => void socket.resume().end('220 mail.example.org ESMTP\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  await expect(ask(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ failure: 'unreadable' });
  server.close();
  await once(server, 'close');
  await expect(ask(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ failure: 'unavailable', attempts: 2 });
});

it('a kept connection that the other side has closed meanwhile costs no wait', async () => {
  const seen = new Set<unknown>();
  const waits: number[] = [];
  const url = await serve((request, response) => {
    if (seen.has(request.socket)) response.destroy();
    else response.end('{}');
    seen.add(request.socket);
  });
  const { callJson } = callPeer(url, { wait: async (ms) => void waits.push(ms), chance: () => 1 });
  await callJson('sqs', 'ListQueues', {});
  expect(await callJson('sqs', 'ListQueues', {})).toEqual({});
  expect(waits).toEqual([0]);
});

const AWS_NOW_MS = Date.parse('2026-11-20T10:00:00Z');

/** Refuses what is signed more than five minutes from its own time, as AWS does and no peer. */
const serveStrictly = (refusal: Reply): Promise<string> =>
  serve((request, response) => {
    const date = String(request.headers['x-amz-date']).replace(/(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:');
    const isNear = Math.abs(Date.parse(date) - AWS_NOW_MS) < 300_000;
    const { status, body } = isNear ? DONE : refusal;
    response.writeHead(status, { date: new Date(AWS_NOW_MS).toUTCString() }).end(body);
  });

it.each([
  ['behind', -3_600_000, { status: 403, body: '<Error><Code>RequestTimeTooSkewed</Code></Error>' }],
  ['ahead', 3_600_000, { status: 400, body: '{"__type":"com.amazon.coral.service#InvalidSignatureException"}' }],
] as const)(
  'a clock that is far %s is corrected by the one of AWS, once for all calls',
  async (_how, offMs, refusal) => {
    const waits: number[] = [];
    const { callJson } = callPeer(await serveStrictly(refusal), {
      clock: { nowMs: () => AWS_NOW_MS + offMs },
      wait: async (ms) => void waits.push(ms),
    });
    const both = [callJson('sqs', 'ListQueues', {}), callJson('sqs', 'ListQueues', {})];
    expect(await Promise.all(both)).toEqual([{ done: true }, { done: true }]);
    expect(await callJson('sqs', 'ListQueues', {})).toEqual({ done: true });
    expect(waits).toEqual([0, 0]);
  },
);

it('a clock that was corrected is not corrected again', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(403, { date: new Date(AWS_NOW_MS).toUTCString() }).end('{"__type":"SignatureDoesNotMatch"}');
  });
  const { callJson } = callPeer(url, { clock: { nowMs: () => AWS_NOW_MS - 3_600_000 }, wait: noWait });
  await expect(callJson('sqs', 'ListQueues', {})).rejects.toMatchObject({ failure: 'denied', attempts: 2 });
  await expect(callJson('sqs', 'ListQueues', {})).rejects.toMatchObject({ failure: 'denied', attempts: 1 });
});

it('a signature that is wrong for another reason is denied at once', async () => {
  const reply = { status: 403, body: '{"__type":"InvalidSignatureException"}' };
  await expect(ask(await serveReplies(reply))).rejects.toMatchObject({ failure: 'denied', attempts: 1 });
});

it.each([
  ['no region', { AWS_REGION: '' }, 'refused', 'NoRegion'],
  ['no key', { AWS_ACCESS_KEY_ID: '' }, 'denied', 'NoCredentials'],
  ['no secret', { AWS_SECRET_ACCESS_KEY: undefined }, 'denied', 'NoCredentials'],
  ['an address that is none', { AWS_ENDPOINT_URL_SQS: 'localhost' }, 'refused', 'TypeError'],
  ['a token that no header holds', { AWS_SESSION_TOKEN: 'a\nb' }, 'refused', 'TypeError'],
])('with %s nothing is sent', async (_what, variables, failure, code) => {
  let asked = 0;
  const url = await serve((_request, response) => {
    asked += 1;
    response.end('{}');
  });
  const { callJson } = createSignedCall({
    variables: { ...PEER_VARIABLES, AWS_ENDPOINT_URL: url, ...variables },
    limitMs: 10_000,
  });
  await expect(callJson('sqs', 'ListQueues', {})).rejects.toMatchObject({ name: 'AwsError', failure, code });
  expect(asked).toBe(0);
});
