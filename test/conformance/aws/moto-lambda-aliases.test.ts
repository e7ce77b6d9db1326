import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLambdaAliases } from '../../../lib/adapters/aws/lambda-aliases.ts';
import { createSend } from '../../../lib/adapters/aws/send-signed.ts';
import { systemClock, systemWait } from '../../../lib/adapters/system.ts';
import { awsAt } from '../../adapters/aws/stub-aws.ts';
import { type Moto, openMoto, skipsMoto } from './moto.ts';

/** An archive of nothing: what moto wants as code. */
const EMPTY_ZIP = Buffer.from([0x50, 0x4b, 5, 6, ...Array.from({ length: 18 }, () => 0)]).toString('base64');

describe.skipIf(skipsMoto)('Lambda of moto', () => {
  let moto: Moto;
  const target = { name: 'chat-api', environment: 'production', models: [], secretId: 's', healthUrl: null };

  const read = (alias: string, functionName = 'chat') =>
    createLambdaAliases({
      variables: awsAt(moto.url),
      limitMs: 10_000,
      sourceOf: () => ({ functionName, alias }),
    }).read(target, 10_000);

  /** What a deployment does, by calls that are signed as ours are. */
  const post = async (service: 'lambda' | 'iam', path: string, body: string, type = 'application/json') => {
    const send = createSend({
      variables: awsAt(moto.url),
      tries: 2,
      limitMs: 10_000,
      clock: systemClock,
      wait: systemWait,
      chance: Math.random,
    });
    const { bytes } = await send({
      name: `${service} ${path}`,
      addressIn: () => new URL(path, moto.url),
      unsigned: { service, method: 'POST', headers: { 'content-type': type }, bytes: Buffer.from(body) },
      mostBytes: 1_000_000,
    });
    return Buffer.from(bytes).toString('utf8');
  };

  beforeAll(async () => {
    moto = await openMoto();
    const form = new URLSearchParams({
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName: 'chat',
      AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}',
    });
    await post('iam', '/', form.toString(), 'application/x-www-form-urlencoded');
    const created = {
      FunctionName: 'chat',
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::123456789012:role/chat',
      Handler: 'index.handler',
      Code: { ZipFile: EMPTY_ZIP },
      Publish: true,
    };
    await post('lambda', '/2015-03-31/functions', JSON.stringify(created));
    await post('lambda', '/2015-03-31/functions/chat/aliases', '{"Name":"live","FunctionVersion":"1"}');
  });
  afterAll(() => moto.close());

  it('tells of the version that an alias leads to', async () => {
    const facts = await read('live');
    expect(facts).toMatchObject({ version: '1' });
    const ageMs = Date.now() - Date.parse(String(facts?.['deployedAt']));
    expect(Math.abs(ageMs)).toBeLessThan(300_000);
  });

  it('says that an alias, or a function, is not there', async () => {
    await expect(read('next')).rejects.toMatchObject({ name: 'AwsError', failure: 'not-found' });
    await expect(read('live', 'other')).rejects.toMatchObject({ name: 'AwsError', failure: 'not-found' });
  });
});
