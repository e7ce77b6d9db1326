import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Sdk } from '../../../lib/adapters/mistral/load-sdk.ts';
import { readEvidence } from '../../../lib/adapters/mistral/read-evidence.ts';
import { readFailure } from '../../../lib/adapters/mistral/read-failure.ts';
import { classify } from '../../../lib/triage/classify.ts';
import { KEY, partsOfKey, serve } from './serve.ts';

type Client = { readonly Core: Sdk['MistralCore']; readonly chatComplete: Sdk['chatComplete'] };

/** The sources of both clients come with the SDK's package. Bundled, each has error classes of its own, as in an application's bundle. */
const sources = join(dirname(createRequire(import.meta.url).resolve('@mistralai/mistralai')), '../packages');

const bundle = async (client: string, core: string): Promise<Client> => {
  const folder = await mkdtemp(join(tmpdir(), 'mistral-client-'));
  const outfile = join(folder, 'client.mjs');
  const contents = `export { ${core} as Core } from './core.ts'; export { chatComplete } from './funcs/chatComplete.ts';`;
  const resolveDir = join(sources, client, 'src');
  const options = { bundle: true, format: 'esm', platform: 'node', write: false, logLevel: 'error' } as const;
  const { outputFiles } = await build({ ...options, stdin: { contents, resolveDir, loader: 'ts' } });
  await writeFile(outfile, outputFiles[0]?.contents ?? '');
  const loaded: Client = await import(/* @vite-ignore */ pathToFileURL(outfile).href);
  await rm(folder, { recursive: true });
  return loaded;
};

/** Statuses and wordings of the gateways before the models; the shapes are Azure's and Google's own, Mistral's come through as they are. */
const ANSWERS: readonly [string, number, string, string][] = [
  [
    'Azure refuses a key',
    401,
    '{"statusCode":401,"message":"Unauthorized. Access token is invalid."}',
    'auth.invalid_key',
  ],
  [
    'Azure has no such deployment',
    404,
    '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
    'model_or_route.not_found',
  ],
  [
    'Azure limits',
    429,
    '{"error":{"code":"429","message":"Requests have exceeded the token rate limit. Please retry after 60 seconds."}}',
    'rate.minute',
  ],
  [
    'Google refuses a token',
    401,
    '{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}',
    'auth.invalid_key',
  ],
  [
    'Google refuses a project',
    403,
    '{"error":{"code":403,"message":"Permission denied.","status":"PERMISSION_DENIED"}}',
    'access.forbidden',
  ],
  [
    'Google limits, in a list',
    429,
    '[{"error":{"code":429,"message":"Resource has been exhausted.","status":"RESOURCE_EXHAUSTED"}}]',
    'rate.minute',
  ],
  [
    'Google fails',
    500,
    '{"error":{"code":500,"message":"Internal error encountered.","status":"INTERNAL"}}',
    'provider.5xx',
  ],
  [
    'Mistral lacks capacity',
    429,
    '{"object":"error","message":"Service tier capacity exceeded","type":"x","code":"3505"}',
    'capacity.model',
  ],
  [
    'Mistral refuses what was sent',
    422,
    '{"detail":[{"type":"extra_forbidden","loc":["body"],"msg":"no","input":1}]}',
    'request.invalid',
  ],
  ['a page of the edge', 502, '<html><h1>502 Bad Gateway</h1></html>', 'provider.edge_5xx'],
  ['a page in the place of the API', 200, '<html>login</html>', 'net.intercepted_200_html'],
  ['an error in a 200', 200, '{"object":"error","message":"overloaded"}', 'content.schema_mismatch'],
  ['JSON that is none', 200, '{"id":', 'content.malformed_json'],
];

describe.each([
  ['Azure', 'mistralai-azure', 'MistralAzureCore'],
  ['Google Cloud', 'mistralai-gcp', 'MistralGCPCore'],
])('the client for %s', (_name, name, core) => {
  let client: Client | undefined;
  beforeAll(async () => {
    client = await bundle(name, core);
  });

  const failureOf = async (serverURL: string) => {
    if (client === undefined) throw new Error('not bundled');
    const messages = [{ role: 'user' as const, content: 'ping' }];
    try {
      const asked = client.chatComplete(new client.Core({ apiKey: KEY, serverURL }), { model: 'm', messages });
      const result = await asked;
      return result.ok ? null : readFailure(result.error, KEY);
    } catch (error) {
      return readFailure(error, KEY);
    }
  };

  it.each(ANSWERS)('%s', async (_row, status, body, branch) => {
    const type = body.startsWith('<') ? 'text/html' : 'application/json';
    const server = await serve((_request, response) => response.writeHead(status, { 'content-type': type }).end(body));
    const failure = await failureOf(server.url);
    await server.close();
    expect(failure === null ? 'ok' : classify(failure, readEvidence(status, new Headers(), KEY))).toBe(branch);
    expect(partsOfKey(failure)).toEqual([]);
  });

  it('tells a refused connection', async () => {
    const server = await serve(() => undefined);
    await server.close();
    const failure = await failureOf(server.url);
    expect(failure && classify(failure)).toBe('net.refused');
  });
});
