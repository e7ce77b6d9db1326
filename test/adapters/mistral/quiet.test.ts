import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { KEY, partsOfKey, serve } from './serve.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('./call-once.ts', import.meta.url));

it('prints nothing and reports to nobody, whatever the environment asks of the SDK', async () => {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-model-deprecation-timestamp': '2026-12-01T00:00:00Z',
    });
    response.end(`{"data":[],"model":"${KEY}"}`);
  });
  onTestFinished(server.close);
  const env = {
    ...process.env,
    MISTRAL_DEBUG: 'false',
    MISTRAL_SDK_TELEMETRY: 'dedicated',
    MISTRAL_OTLP_TRACES_ENDPOINT: `${server.url}/telemetry/v1/traces`,
    PROBE_URL: server.url,
    PROBE_KEY: KEY,
  };
  const { stdout, stderr } = await run(process.execPath, [program], { env });
  expect(stdout).toBe('answered\n');
  expect(partsOfKey(stderr)).toEqual([]);
  expect(stderr).not.toMatch(/authorization|deprecat/i);
  const [chat, list] = ['/v1/chat/completions', '/v1/models'];
  expect(asked).toEqual([list, list, `${list}/m`, chat, chat]);
});
