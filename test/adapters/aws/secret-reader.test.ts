import { describe, expect, it, onTestFinished } from 'vitest';
import { createSecretReader } from '../../../lib/adapters/aws/secret-reader.ts';
import { createSignedCall } from '../../../lib/adapters/aws/signed-request.ts';
import { awsGives, awsSays, openScriptedAws, type ScriptedAnswer } from './scripted-aws.ts';
import { awsAt } from './stub-aws.ts';

const openReader = async (answer: ScriptedAnswer) => {
  const { url, asked, close } = await openScriptedAws({ GetSecretValue: [answer], DescribeSecret: [answer] });
  onTestFinished(close);
  return { reader: createSecretReader(createSignedCall({ variables: awsAt(url), limitMs: 1_000 })), asked };
};

describe('a secret that is only read', () => {
  it('is read under the label that is asked for', async () => {
    const { reader, asked } = await openReader(awsGives({ SecretString: 'test-key' }));
    expect(await reader.value('mistral/chat', { label: 'STANDBY' })).toBe('test-key');
    expect(asked.map(({ input }) => input)).toEqual([{ SecretId: 'mistral/chat', VersionStage: 'STANDBY' }]);
  });

  it('has nothing under a label that AWS does not find', async () => {
    const { reader } = await openReader(awsSays('ResourceNotFoundException'));
    expect(await reader.value('mistral/chat', { label: 'STANDBY' })).toBeNull();
  });

  it.each([
    ['that the role may not read', awsSays('AccessDeniedException'), 'denied'],
    ['that holds bytes and no text', awsGives({ SecretBinary: 'AAAA' }), 'unreadable'],
  ] as const)('%s is an error', async (_name, answer, failure) => {
    const { reader } = await openReader(answer);
    await expect(reader.value('mistral/chat', { label: 'STANDBY' })).rejects.toMatchObject({ failure });
  });

  it('has its labels, each with its version', async () => {
    const { reader } = await openReader(
      awsGives({ VersionIdsToStages: { one: ['AWSCURRENT', 'HELD-1'], two: ['STANDBY'] } }),
    );
    expect(await reader.labels('mistral/chat')).toEqual(
      new Map([
        ['AWSCURRENT', 'one'],
        ['HELD-1', 'one'],
        ['STANDBY', 'two'],
      ]),
    );
  });

  it('has no labels where AWS does not find it, and says when they cannot be had', async () => {
    const missing = await openReader(awsSays('ResourceNotFoundException'));
    expect(await missing.reader.labels('mistral/chat')).toBeNull();
    const denied = await openReader(awsSays('AccessDeniedException'));
    await expect(denied.reader.labels('mistral/chat')).rejects.toMatchObject({ failure: 'denied' });
    const odd = await openReader(awsGives({ VersionIdsToStages: 'none' }));
    await expect(odd.reader.labels('mistral/chat')).rejects.toMatchObject({ failure: 'unreadable' });
  });
});
