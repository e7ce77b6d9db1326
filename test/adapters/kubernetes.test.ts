import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createKubernetesRollouts } from '../../lib/adapters/kubernetes/rollout.ts';
import { makeCertificate } from './certificates.ts';
import { serve } from './mistral/serve.ts';

const target = { name: 'chat-api', environment: 'production', models: [], secretId: 's', healthUrl: null };
const folder = mkdtempSync(join(tmpdir(), 'kubernetes-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, 'of-the-cluster\n');
afterAll(() => rmSync(folder, { recursive: true }));

const REVISION = 'deployment.kubernetes.io/revision';
const deployment = {
  metadata: { name: 'chat', creationTimestamp: '2026-01-01T00:00:00Z', annotations: { [REVISION]: '7' } },
  spec: {
    selector: { matchLabels: { app: 'chat', tier: 'web' } },
    template: {
      spec: {
        containers: [
          { name: 'proxy', image: 'envoy:v1.30' },
          { name: 'chat', image: 'registry.example:5000/shop/chat:1.4.2@sha256:0123456789abcdef' },
        ],
      },
    },
  },
  status: {
    conditions: [
      { type: 'Available', lastUpdateTime: '2026-11-20T11:59:00Z' },
      { type: 'Progressing', lastUpdateTime: '2026-11-20T11:55:00Z' },
    ],
  },
};
const set = (revision: string, creationTimestamp: string, owner = 'chat', version = `1.4.${revision}`) => ({
  metadata: {
    name: `${owner}-${revision}`,
    creationTimestamp,
    annotations: { [REVISION]: revision },
    ownerReferences: [{ kind: 'Deployment', name: owner }],
  },
  spec: { template: { spec: { containers: [{ name: 'chat', image: `shop/chat:${version}` }] } } },
});
const SETS = [
  set('6', '2026-11-19T08:00:00Z'),
  set('7', '2026-11-20T11:50:00Z'),
  set('9', '2026-11-20T11:58:00Z', 'chat-canary'),
];

type Reply = { readonly status?: number; readonly body: unknown };

/** The API's own JSON, by a server of ours: no cluster is asked here. */
const open = async (
  replies: { readonly deployment?: Reply; readonly sets?: Reply } = {},
  change: { readonly tokenFile?: string; readonly container?: string | null } = {},
) => {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    const { status = 200, body } = request.url?.includes('/replicasets')
      ? (replies.sets ?? { body: { items: SETS } })
      : (replies.deployment ?? { body: deployment });
    response.writeHead(status).end(JSON.stringify(body));
  });
  onTestFinished(server.close);
  const source = {
    url: server.url,
    allowPrivate: true,
    namespace: 'shop',
    deployment: 'chat',
    container: 'chat',
    tokenFile,
    caFile: null,
    ...change,
  };
  return { asked, read: () => createKubernetesRollouts(() => source).read(target, 2_000) };
};

describe('the last rollout', () => {
  it('began when the set of the present revision was made', async () => {
    const { read, asked } = await open();
    expect(await read()).toEqual({
      deployedAt: '2026-11-20T11:50:00.000Z',
      version: '1.4.2',
      revision: '7',
      deployedAt2: '2026-11-19T08:00:00.000Z',
      version2: '1.4.6',
    });
    expect(asked).toEqual([
      '/apis/apps/v1/namespaces/shop/deployments/chat Bearer of-the-cluster',
      '/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app%3Dchat%2Ctier%3Dweb Bearer of-the-cluster',
    ]);
  });

  it('back to an older revision is as old as its last progress, not as its set', async () => {
    const items = [set('7', '2026-11-01T08:00:00Z', 'chat', '1.4.2'), set('6', '2026-11-20T11:00:00Z')];
    const { read } = await open({ sets: { body: { items } } });
    expect(await read()).toEqual({
      deployedAt: '2026-11-20T11:55:00.000Z',
      version: '1.4.2',
      revision: '7',
      // What was left, and when the present one went out for the first time.
      deployedAt2: '2026-11-20T11:00:00.000Z',
      version2: '1.4.6',
      deployedAt3: '2026-11-01T08:00:00.000Z',
      version3: '1.4.2',
    });
  });

  it('is told by its progress where sets may not be read', async () => {
    const { read } = await open({ sets: { status: 403, body: {} } });
    expect(await read()).toMatchObject({ deployedAt: '2026-11-20T11:55:00.000Z' });
  });

  it('has the version of the container that is named, else of the first', async () => {
    expect(await (await open({}, { container: null })).read()).toMatchObject({ version: 'v1.30' });
  });

  it.each<readonly [string, Reply, RegExp]>([
    ['is not there', { status: 404, body: {} }, /no such deployment/],
    ['may not be read', { status: 403, body: {} }, /may not read deployments/],
    ['is asked for with an old token', { status: 401, body: {} }, /refuses the service account/],
    ['is something else', { body: { kind: 'Status' } }, /not that of the Kubernetes API/],
    [
      'does not say when',
      { body: { ...deployment, metadata: { ...deployment.metadata, annotations: {} }, status: {} } },
      /does not say when/,
    ],
  ])('is not known of a deployment that %s', async (_what, reply, message) => {
    await expect((await open({ deployment: reply })).read()).rejects.toThrow(message);
  });

  it('is not asked for without a token, and the path of its file is not told', async () => {
    const { read, asked } = await open({}, { tokenFile: join(folder, 'none') });
    await expect(read()).rejects.toThrow(/^a file of the service account cannot be read$/);
    expect(asked).toEqual([]);
  });
});

it.each([
  ['chat:1.4.2', '1.4.2'],
  ['registry.example:5000/chat', 'untagged'],
  ['chat@sha256:0123456789abcdef0123', '0123456789ab'],
  ['', 'untagged'],
])('the image %s is of version %s', async (image, version) => {
  const spec = { ...deployment.spec, template: { spec: { containers: [{ name: 'chat', image }] } } };
  const { read } = await open({ deployment: { body: { ...deployment, spec } } });
  expect(await read()).toMatchObject({ version });
});

it('a cluster is believed by its own certificate, and by no other', async () => {
  const [own, other] = [makeCertificate(), makeCertificate()];
  const server = createServer({ cert: own.cert, key: own.key }, (request, response) => {
    response.end(JSON.stringify(request.url?.includes('/replicasets') ? { items: SETS } : deployment));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const read = (ca: string) => {
    const caFile = join(folder, 'ca.crt');
    writeFileSync(caFile, ca);
    const place = { url: `https://localhost:${port}`, allowPrivate: true, tokenFile, caFile };
    const named = { namespace: 'shop', deployment: 'chat', container: 'chat' };
    return createKubernetesRollouts(() => ({ ...place, ...named })).read(target, 2_000);
  };
  expect(await read(own.cert)).toMatchObject({ version: '1.4.2' });
  await expect(read(other.cert)).rejects.toThrow(/^the call fails with [A-Z_]+$/);
});
