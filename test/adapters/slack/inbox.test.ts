import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const SCRIPT = `
  import { createRequire } from 'node:module';
  import { createSlackHandler } from './functions/slack.ts';
  const { cache } = createRequire(import.meta.url);
  const isLoaded = () => Object.keys(cache).some((path) => path.includes('/@slack/bolt/dist/App'));
  const handle = createSlackHandler({
    jobs: { put: async () => {} }, signingSecrets: () => ['test-signing-secret-current'],
    clock: { nowMs: () => 1000 }, wait: () => new Promise(() => {}), log: () => {},
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const event = { rawPath: '/', rawQueryString: '', headers, body: 'command=/x', isBase64Encoded: false, requestContext: { http: { method: 'POST' } } };
  const seen = [isLoaded()];
  await handle(event);
  seen.push(isLoaded());
  const { createHmac } = await import('node:crypto');
  const body = 'command=/mistral-triage&trigger_id=1&user_id=U1&team_id=T1&channel_id=C1';
  const mac = createHmac('sha256', 'test-signing-secret-current').update('v0:1:' + body).digest('hex');
  const proof = { 'x-slack-request-timestamp': '1', 'x-slack-signature': 'v0=' + mac };
  const answer = await handle({ ...event, body, headers: { ...headers, ...proof } });
  console.log(JSON.stringify([...seen, isLoaded(), answer.statusCode]));
`;

it('loads Bolt with the first verified body and for nobody else', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT]);
  expect(JSON.parse(stdout)).toEqual([false, false, true, 200]);
});
