import { describe, expect, it, onTestFinished } from 'vitest';
import { createSecretReader } from '../../../lib/adapters/aws/secret-text.ts';
import { createSignedCall } from '../../../lib/adapters/aws/signed-request.ts';
import { awsGives, awsSays, openScriptedAws, type ScriptedAnswer } from './scripted-aws.ts';
import { awsAt } from './stub-aws.ts';

const openReader = async (answer: ScriptedAnswer) => {
  const { url, asked, close } = await openScriptedAws({ GetSecretValue: [answer] });
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
});
