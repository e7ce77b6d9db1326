import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type LookupFunction, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { WebAPIRequestError } from '@slack/web-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSlackChat } from '../../../lib/adapters/slack/chat.ts';
import { classifyFailure } from '../../../lib/adapters/slack/failure.ts';
import { ChatError, type ChatFailure } from '../../../lib/ports/chat.ts';
import { answerJson, listen } from './web-server.ts';

const LOCAL = { address: '127.0.0.1', family: 4 };
const TOKEN = 'xoxb-test-bot-token';
const TEXT = 'a message that must not be repeated in an error';
const CLOCK = { nowMs: () => 0 };

const MESSAGE = { text: TEXT, blocks: [] };
const MARK = { eventType: 'mistral_incident', payload: { incident_id: 'INC-1' } };

/** Posts to whatever listens there; the failure with everything an error may carry, searched for what it may not. */
const fail = async (apiUrl: string, timeoutMs = 2000): Promise<ChatError> => {
  const chat = createSlackChat({ token: TOKEN, apiUrl, timeoutMs, clock: CLOCK });
  const error = await chat.post({ channel: 'C1', threadTs: null }, MESSAGE, MARK).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ChatError)) throw new Error(`no ChatError but ${inspect(error)}`);
  const everything = inspect(error, { depth: 10, showHidden: true });
  for (const secret of [TOKEN, 'Bearer', TEXT, 'test-cookie', '<html>']) expect(everything).not.toContain(secret);
  expect(error.cause).toBeUndefined();
  return error;
};

const answering = async (answer: (response: ServerResponse) => void): Promise<string> =>
  (await listen((_, response) => answer(response))).url;

const listenOnce = async (server: Server): Promise<number> => {
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const OPENSSL = 'openssl';
const HAS_OPENSSL = spawnSync(OPENSSL, ['version']).status === 0;

const makeCertificate = () => {
  const folder = mkdtempSync(join(tmpdir(), 'slack-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const how = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=127.0.0.1',
  ];
  execFileSync(OPENSSL, [...how, '-keyout', key, '-out', cert, '-days', '1'], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
};

const RATE_LIMIT_LINE = 'Slack chat.postMessage: too many requests';

describe('certainly not taken', () => {
  it('is unavailable: nobody listens at the port', async () => {
    const server = createServer();
    const port = await listenOnce(server);
    await new Promise((resolve) => server.close(resolve));
    const error = await fail(`http://127.0.0.1:${port}/api/`);
    expect(error).toMatchObject({ failure: 'unavailable', retryAfterMs: null });
    expect(error.message).toBe('Slack chat.postMessage: not reachable (ECONNREFUSED); nothing was sent');
  });

  it('is unavailable: a name with two addresses, and nobody listens at either', async () => {
    const refused = await new Promise((resolve) => {
      const lookup: LookupFunction = (_, __, done) => done(null, [LOCAL, { address: '127.0.0.2', family: 4 }]);
      connect({ host: 'two.invalid', port: 9, lookup, autoSelectFamily: true }).on('error', resolve);
    });
    expect(refused).toBeInstanceOf(AggregateError);
    const failed = new WebAPIRequestError(new TypeError('fetch failed', { cause: refused }));
    expect(classifyFailure('chat.postMessage', failed)).toMatchObject({ failure: 'unavailable' });
  });

  it('is unavailable: the name does not exist', async () => {
    expect(await fail('http://slack.invalid/api/')).toMatchObject({ failure: 'unavailable' });
  });

  // Node cannot make a certificate.
  it.skipIf(!HAS_OPENSSL)('is unavailable: a certificate that nobody vouches for', async () => {
    const port = await listenOnce(createTlsServer(makeCertificate()));
    const error = await fail(`https://127.0.0.1:${port}/api/`);
    expect(error.message).toBe('Slack chat.postMessage: not reachable (DEPTH_ZERO_SELF_SIGNED_CERT); nothing was sent');
    expect(error.failure).toBe('unavailable');
  });
});

describe('may have arrived', () => {
  const partOf = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"ok":true,');
  };
  it.each<[string, (response: ServerResponse) => void]>([
    ['reset before any answer', (response) => response.socket?.resetAndDestroy()],
    ['closed before any answer', (response) => response.socket?.end()],
    [
      'reset in the middle of the answer',
      (response) => {
        partOf(response);
        setImmediate(() => response.socket?.resetAndDestroy());
      },
    ],
    ['500', (response) => answerJson(response, { ok: false, error: 'internal_error' }, 500)],
    [
      '503 with a page',
      (response) => response.writeHead(503, { 'set-cookie': 'test-cookie' }).end('<html>down</html>'),
    ],
    ['a page with 200', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hi</html>')],
    ['an empty answer', (response) => response.writeHead(200).end()],
    ['null', (response) => answerJson(response, null)],
    ['a list', (response) => answerJson(response, [])],
    ['ok without a message', (response) => answerJson(response, { ok: true })],
    ['ok with a number for a time', (response) => answerJson(response, { ok: true, channel: 'C1', ts: 17 })],
    ['an error that is no word', (response) => answerJson(response, { ok: false, error: { a: TEXT } })],
    ['an error that is a sentence', (response) => answerJson(response, { ok: false, error: `${TEXT} ${TOKEN}` })],
    ['a word that we do not know', (response) => answerJson(response, { ok: false, error: 'invented_tomorrow' })],
    ['a redirect', (response) => response.writeHead(307, { location: '/elsewhere' }).end()],
    ['403 of a proxy', (response) => response.writeHead(403).end('<html>no</html>')],
    ['more than anybody reads', (response) => response.writeHead(200).end(Buffer.alloc(17 * 1024 * 1024, ' '))],
    ['no HTTP at all', (response) => response.socket?.end('220 mail.example.com\r\n')],
  ])('is ambiguous: %s', async (_, answer) => {
    const error = await fail(`${await answering(answer)}/api/`);
    expect(error).toMatchObject({ failure: 'ambiguous', retryAfterMs: null });
    expect(error.message).toContain('may have arrived');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['never answers', () => undefined],
    ['stops in the middle of the answer', partOf],
    [
      'sends a byte now and then',
      (response) => {
        partOf(response);
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('is ambiguous, within the time limit: one that %s', async (_, answer) => {
    const error = await fail(`${await answering(answer)}/api/`, 200);
    expect(error).toMatchObject({ failure: 'ambiguous' });
    expect(error.message).toBe('Slack chat.postMessage: no answer in time; it may have arrived');
  });
});

describe('too many requests', () => {
  it.each([
    ['30', 30_000],
    ['0', 0],
    ['1.5', 1500],
    [undefined, null],
    ['soon', null],
    ['', null],
    ['-1', null],
  ])('is told with the time that Slack asked for: %s', async (header, retryAfterMs) => {
    const url = await answering((response) => {
      response.writeHead(429, header === undefined ? {} : { 'retry-after': header }).end('{"ok":false}');
    });
    const error = await fail(url);
    expect(error).toMatchObject({ failure: 'rate-limited', retryAfterMs });
    expect(error.message).toBe(RATE_LIMIT_LINE);
  });

  it('is known, too, when it comes with 200 and a word', async () => {
    const url = await answering((response) => {
      response.writeHead(200, { 'retry-after': '7' }).end('{"ok":false,"error":"ratelimited"}');
    });
    expect(await fail(url)).toMatchObject({ failure: 'rate-limited', retryAfterMs: 7000 });
  });

  it('is not tried again by itself', async () => {
    const slack = await listen((_, response) => response.writeHead(429, { 'retry-after': '0' }).end());
    await fail(slack.url);
    expect(slack.seen).toHaveLength(1);
  });
});

it.each<[string, ChatFailure]>([
  ['channel_not_found', 'no-channel'],
  ['is_archived', 'no-channel'],
  ['user_not_in_channel', 'not-in-channel'],
  ['message_not_found', 'no-message'],
  ['cant_update_message', 'no-message'],
  ['invalid_auth', 'no-permission'],
  ['token_revoked', 'no-permission'],
  ['account_inactive', 'no-permission'],
  ['missing_scope', 'no-permission'],
  ['not_allowed_token_type', 'no-permission'],
  ['restricted_action', 'no-permission'],
  ['invalid_blocks', 'bad-message'],
  ['msg_too_long', 'bad-message'],
  ['msg_blocks_too_long', 'bad-message'],
  ['metadata_too_large', 'bad-message'],
  ['no_text', 'bad-message'],
  ['fatal_error', 'ambiguous'],
  ['internal_error', 'ambiguous'],
  ['service_unavailable', 'ambiguous'],
  ['request_timeout', 'ambiguous'],
  ['ratelimited', 'rate-limited'],
])('Slack saying %s is %s', async (code, failure) => {
  const slack = await listen((seen, response) =>
    answerJson(response, seen.path.endsWith('join') ? { ok: true } : { ok: false, error: code }),
  );
  const error = await fail(slack.url);
  expect(error.failure).toBe(failure);
  if (failure !== 'rate-limited') expect(error.message).toContain(`Slack chat.postMessage: ${code}`);
});

it('refuses an address that is none at once, not at the first message', () => {
  expect(() => createSlackChat({ token: TOKEN, apiUrl: 'slack', timeoutMs: 1, clock: CLOCK })).toThrow('Invalid URL');
});

it('prints nothing, whatever goes wrong', async () => {
  const url = await answering((response) => answerJson(response, { ok: false, error: 'fatal_error' }, 500));
  const script = `
    import { createSlackChat } from './lib/adapters/slack/chat.ts';
    for (const apiUrl of ['${url}/api/', 'http://slack.invalid/']) {
      const chat = createSlackChat({ token: '${TOKEN}', apiUrl, timeoutMs: 2000, clock: { nowMs: () => 0 } });
      await chat.post({ channel: 'C1', threadTs: null }, { text: '', blocks: [] }, { eventType: 'x', payload: {} }).catch(() => null);
    }`;
  const printed = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(printed).toEqual({ stdout: '', stderr: '' });
});
