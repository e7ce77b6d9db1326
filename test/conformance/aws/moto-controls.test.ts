import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createControls } from '../../../lib/adapters/aws/controls.ts';
import { stubAws } from '../../adapters/aws/stub-aws.ts';
import { describeControls } from '../../contracts/controls.ts';
import { type Moto, openMoto, skipsMoto } from './moto.ts';

describe.skipIf(skipsMoto)('SSM of moto', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await openMoto();
    stubAws(moto.url);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto.close();
  });

  describeControls('the parameter of SSM', async () => {
    await moto.reset();
    return { port: createControls(), other: createControls(), close: () => Promise.resolve() };
  });

  it('applications find a plain standard parameter under the name that they were told', async () => {
    await createControls().publish('production', 'chat', '{"version":1}');
    const { Parameter } = await new SSMClient({}).send(
      new GetParameterCommand({ Name: '/mistral-triage/production/chat/controls' }),
    );
    expect(Parameter).toMatchObject({ Type: 'String', Value: '{"version":1}' });
  });
});
