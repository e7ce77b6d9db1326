import { expect, it, onTestFinished, vi } from 'vitest';
import { createControls } from '../../../lib/adapters/aws/controls.ts';
import { awsGives, awsSays, openScriptedAws, type ScriptedAnswer } from './scripted-aws.ts';
import { stubAws } from './stub-aws.ts';

const openScript = async (script: Readonly<Record<string, readonly ScriptedAnswer[]>>) => {
  const { url, asked, close } = await openScriptedAws(script);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await close();
  });
  stubAws(url);
  return { controls: createControls(), asked };
};

it('a text of 4 kB is taken, a longer one refused by name before AWS is asked; what counts is bytes', async () => {
  const { controls, asked } = await openScript({ PutParameter: [awsGives({ Version: 1 })] });
  await controls.publish('production', 'chat', 'ü'.repeat(2_048));
  expect(asked).toHaveLength(1);
  await expect(controls.publish('production', 'chat', `${'ü'.repeat(2_048)}x`)).rejects.toThrow(
    'ssm.PutParameter: refused (ParameterLongerThan4kB)',
  );
  expect(asked).toHaveLength(1);
});

it('is written as a standard parameter in clear text, over the last one', async () => {
  const { controls, asked } = await openScript({ PutParameter: [awsGives({ Version: 1 })] });
  await controls.publish('staging', 'chat.v2', '{"version":1}');
  expect(asked[0]?.input).toEqual({
    Name: '/mistral-triage/staging/chat.v2/controls',
    Value: '{"version":1}',
    Type: 'String',
    Tier: 'Standard',
    Overwrite: true,
  });
});

it('no parameter is nothing yet; no right to read it is not', async () => {
  const { controls } = await openScript({ GetParameter: [awsSays('ParameterNotFound'), awsSays('AccessDenied', 403)] });
  expect(await controls.current('production', 'chat')).toBeNull();
  await expect(controls.current('production', 'chat')).rejects.toMatchObject({ failure: 'denied' });
});

it('a write that AWS throttles for good says so', async () => {
  const { controls } = await openScript({ PutParameter: [awsSays('TooManyUpdates')] });
  await expect(controls.publish('production', 'chat', '{}')).rejects.toMatchObject({ failure: 'throttled' });
});
