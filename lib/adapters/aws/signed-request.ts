import type { Answer } from '../exchange.ts';
import { systemClock, systemWait } from '../system.ts';
import { type AwsService, addressOf, objectAddressOf } from './addresses.ts';
import { AwsError } from './failure.ts';
import { createSend, type SendOptions } from './send-signed.ts';

/** As requests to them are signed; `monitoring` is CloudWatch's metrics. */
export type JsonService = 'sqs' | 'dynamodb' | 'secretsmanager' | 'monitoring' | 'logs';

export type ObjectRequest = {
  readonly method: 'GET' | 'PUT';
  readonly bucket: string;
  /** Of characters that need no escape. */
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes?: Uint8Array;
};

/** AWS without its SDK, which costs 60 ms of a cold start and 300 kB. Both throw `AwsError` and nothing else. */
export type SignedCall = {
  /** `operation` as AWS names it, `SendMessageBatch`. Returns the parsed answer, not checked yet; `{}` for an empty one. */
  readonly callJson: (service: JsonService, operation: string, body: unknown) => Promise<unknown>;
  /** One object of S3. */
  readonly callObject: (request: ObjectRequest) => Promise<Answer>;
};

export type SignedCallOptions = Pick<SendOptions, 'variables' | 'limitMs'> & Partial<SendOptions>;

const PROTOCOLS: Readonly<Record<JsonService, readonly [AwsService, string, string]>> = {
  sqs: ['sqs', 'AmazonSQS', 'application/x-amz-json-1.0'],
  dynamodb: ['dynamodb', 'DynamoDB_20120810', 'application/x-amz-json-1.0'],
  secretsmanager: ['secrets_manager', 'secretsmanager', 'application/x-amz-json-1.1'],
  monitoring: ['cloudwatch', 'GraniteServiceVersion20100801', 'application/x-amz-json-1.0'],
  logs: ['cloudwatch_logs', 'Logs_20140328', 'application/x-amz-json-1.1'],
};

/** Unless somebody who has the time wants more. */
const TRIES = 2;

/** Ten jobs of the largest size, whose quotes SQS escapes again. */
const MOST_JSON_BYTES = 5 * 1024 * 1024;
/** Several times the largest document that we write. */
const MOST_OBJECT_BYTES = 64 * 1024 * 1024;

const readJson = (name: string, { bytes }: Answer): unknown => {
  if (bytes.byteLength === 0) return {};
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new AwsError(name, 'unreadable', { code: 'NotJson' });
  }
};

/** Connections are kept from call to call; nothing is opened before the first. */
export const createSignedCall = (options: SignedCallOptions): SignedCall => {
  const { variables } = options;
  const send = createSend({ tries: TRIES, clock: systemClock, wait: systemWait, chance: Math.random, ...options });
  return {
    callJson: async (service, operation, body) => {
      const [addressed, target, type] = PROTOCOLS[service];
      const name = `${service}.${operation}`;
      const headers = { 'content-type': type, 'x-amz-target': `${target}.${operation}` };
      const bytes = Buffer.from(JSON.stringify(body));
      const answer = await send({
        name,
        addressIn: (region) => addressOf(variables, addressed, region),
        unsigned: { service, method: 'POST', headers, bytes },
        mostBytes: MOST_JSON_BYTES,
      });
      return readJson(name, answer);
    },
    callObject: ({ method, bucket, key, headers = {}, bytes = new Uint8Array() }) =>
      send({
        name: method === 'GET' ? 's3.GetObject' : 's3.PutObject',
        addressIn: (region) => objectAddressOf(variables, region, bucket, key),
        unsigned: { service: 's3', method, headers, bytes },
        mostBytes: MOST_OBJECT_BYTES,
      }),
  };
};
