import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

export type SecretsPeer = {
  readonly url: string;
  /** null: there is none of this name. */
  readonly set: (secretId: string, text: string | null) => void;
  /** How often a value was asked for. */
  readonly asked: () => number;
  readonly close: () => Promise<void>;
};

const NOT_FOUND = {
  __type: 'ResourceNotFoundException',
  message: "Secrets Manager can't find the specified secret.",
};

const answerTo = (target: unknown, text: string): object | undefined => {
  if (target === 'secretsmanager.GetSecretValue')
    return { SecretString: text, VersionId: 'test-version', VersionStages: ['AWSCURRENT'] };
  if (target === 'secretsmanager.DescribeSecret') return { VersionIdsToStages: { 'test-version': ['AWSCURRENT'] } };
  return undefined;
};

/** As much of Secrets Manager as a start reads: labels and values, in the shape of its reference. Without Python, so that a bench needs Node alone. */
export const openSecretsPeer = async (): Promise<SecretsPeer> => {
  const texts = new Map<string, string | null>();
  let asked = 0;
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body: unknown = await json(request);
      const id: unknown = Reflect.get(Object(body), 'SecretId');
      const text = typeof id === 'string' ? texts.get(id) : undefined;
      const target = request.headers['x-amz-target'];
      if (target === 'secretsmanager.GetSecretValue') asked += 1;
      const found = typeof text === 'string' ? answerTo(target, text) : undefined;
      const known = { ARN: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${String(id)}`, Name: id, ...found };
      response.writeHead(found ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(found ? known : NOT_FOUND));
    };
    answer().catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    set: (secretId, text) => void texts.set(secretId, text),
    asked: () => asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
