import { expect, it } from 'vitest';
import { addressOf, objectAddressOf } from '../../../lib/adapters/aws/addresses.ts';
import { signRequest } from '../../../lib/adapters/aws/sign.ts';

/** The secret of AWS's published examples, in parts, since it looks like one. */
const exampleSecret = (separator: string): string => ['wJalrXUtnFEMI/K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join(separator);

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

it.each([
  ['GET', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['POST', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  ['POST', FORM, 'Param1=value1', 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a'],
] as const)(
  'a %s with %j and the body %j is signed as in the examples of AWS',
  async (method, headers, body, signature) => {
    const url = new URL('https://example.amazonaws.com/');
    const signed = await signRequest(
      { service: 'service', method, url, headers, bytes: Buffer.from(body) },
      {
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: exampleSecret('+') },
        nowMs: Date.parse('2015-08-30T12:36:00Z'),
      },
    );
    expect(signed['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=test\/20150830\/us-east-1\/service\/aws4_request, /,
    );
    expect(signed['authorization']).toContain(`Signature=${signature}`);
  },
);

it('an object is asked for as in the example of S3', async () => {
  const url = new URL('https://examplebucket.s3.amazonaws.com/test.txt');
  const headers = await signRequest(
    { service: 's3', method: 'GET', url, headers: { range: 'bytes=0-9' }, bytes: new Uint8Array() },
    {
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: exampleSecret('/') },
      nowMs: Date.parse('2013-05-24T00:00:00Z'),
    },
  );
  expect(headers['authorization']).toContain(
    'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});

it.each([
  ['sqs', {}, 'eu-west-1', 'https://sqs.eu-west-1.amazonaws.com/'],
  ['secrets_manager', {}, 'eu-west-1', 'https://secretsmanager.eu-west-1.amazonaws.com/'],
  ['dynamodb', {}, 'cn-north-1', 'https://dynamodb.cn-north-1.amazonaws.com.cn/'],
  ['sqs', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'eu-west-1', 'http://127.0.0.1:1/'],
  ['sqs', { AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_SQS: '' }, 'eu-west-1', 'https://sqs.eu-west-1.amazonaws.com/'],
  [
    'secrets_manager',
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:2' },
    'eu-west-1',
    'http://127.0.0.1:2/',
  ],
  [
    'sqs',
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:2' },
    'eu-west-1',
    'http://127.0.0.1:1/',
  ],
] as const)('%s is spoken to with %j in %s at %s', (service, variables, region, address) => {
  expect(addressOf(variables, service, region).href).toBe(address);
});

it.each([
  ['evidence', {}, 'https://evidence.s3.eu-west-1.amazonaws.com/a/b.json'],
  ['evi.dence', {}, 'https://s3.eu-west-1.amazonaws.com/evi.dence/a/b.json'],
  ['evidence', { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1/' }, 'http://127.0.0.1:1/evidence/a/b.json'],
  ['evidence', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1/peer' }, 'http://127.0.0.1:1/peer/evidence/a/b.json'],
])('an object in the bucket %s is with %j at %s', (bucket, variables, address) => {
  expect(objectAddressOf(variables, 'eu-west-1', bucket, 'a/b.json').href).toBe(address);
});
