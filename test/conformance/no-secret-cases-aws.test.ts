import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openTriage } from '../../lib/app/aws/triage.ts';
import { KEY, serve } from '../adapters/mistral/serve.ts';
import { createPlanting } from '../adapters/mistral/table/planting.ts';
import { openSecretsPeer } from '../lambda/secrets-peer.ts';
import { PLANTED } from './no-secret-cases-peers.ts';
import { findLeaks, needlesOf } from './no-secret-cases-sinks.ts';

/** A table without anything in it and queues that take everything; what they are sent is kept. */
const openStores = async () => {
  const sent: string[] = [];
  const server = await serve((request, response) => {
    void text(request).then((body) => {
      sent.push(body);
      const ids = [...body.matchAll(/"Id":"(\d+)"/g)].map(([, Id]) => ({ Id, MessageId: 'm' }));
      const answer = { Items: [], Count: 0, Successful: ids, Failed: [] };
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    });
  });
  onTestFinished(server.close);
  return { url: server.url, sent };
};

it('no secret that the triage function holds is in what it stores and hands on', async () => {
  const [stores, secrets] = [await openStores(), await openSecretsPeer()];
  onTestFinished(secrets.close);
  secrets.set('key', KEY);
  secrets.set('admin', PLANTED.adminKey);
  // It saw the admin key before, as a server that answers for the whole account has.
  const planting = createPlanting([PLANTED.adminKey]);
  const mistral = await serve(
    planting.http((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"detail":"Unauthorized"}');
    }),
  );
  onTestFinished(mistral.close);
  const variables = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: stores.url,
    AWS_ENDPOINT_URL_DYNAMODB: stores.url,
    AWS_ENDPOINT_URL_SQS: stores.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    STAGE: 'test',
    TABLE_NAME: 'table',
    JOBS_QUEUE_URL: `${stores.url}/0/jobs`,
    TRIAGE_QUEUE_URL: `${stores.url}/0/triage`,
    MITIGATE_QUEUE_URL: `${stores.url}/0/mitigate`,
    MISTRAL_SERVER_URL: mistral.url,
    MISTRAL_SECRET_ID: 'key',
    MISTRAL_ADMIN_SECRET_ID: 'admin',
  };
  // The client of AWS reads its addresses from the environment of the process.
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const work = await openTriage(variables);
  const body = { kind: 'ask-triage', service: null, channel: 'C1', user: 'U1' };
  // Asked twice: what the first time was not known yet is by the second.
  for (const messageId of ['one', 'two']) {
    const attributes = { ApproximateReceiveCount: '1' };
    const record = { messageId, receiptHandle: 'r', body: JSON.stringify({ id: messageId, body }), attributes };
    expect(await work([record])).toEqual(new Set());
  }
  expect(planting.served()).toBeGreaterThan(4);
  const bodies = stores.sent.join('\n');
  expect(bodies).toContain('auth.invalid_key');
  const needles = needlesOf([KEY, PLANTED.adminKey]);
  expect(findLeaks([{ name: 'stored', bytes: Buffer.from(bodies) }], needles)).toEqual([]);
});
