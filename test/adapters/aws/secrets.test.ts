import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSecrets } from '../../../lib/adapters/aws/secrets.ts';
import type { Secrets } from '../../../lib/ports/secrets.ts';
import { awsGives, awsSays, openScriptedAws, type ScriptedAnswer, type ScriptedAws } from './scripted-aws.ts';
import { stubAws } from './stub-aws.ts';

const ID = 'mistral/chat';
const FROM = 'aaaaaaaa-0000-4000-8000-000000000000';
const TO = 'bbbbbbbb-0000-4000-8000-000000000000';
const HELD_KEY = 'test-key-that-nobody-may-see';

afterEach(() => {
  vi.unstubAllEnvs();
});

const openScript = async (
  script: Readonly<Record<string, readonly ScriptedAnswer[]>>,
): Promise<{ readonly secrets: Secrets; readonly asked: ScriptedAws['asked'] }> => {
  const { url, asked, close } = await openScriptedAws(script);
  onTestFinished(close);
  stubAws(url);
  return { secrets: createSecrets({ requestLimitMs: 60 }), asked };
};

const labelled = (versions: Readonly<Record<string, readonly string[]>>): ScriptedAnswer =>
  awsGives({ VersionIdsToStages: versions });

describe('a failure of Secrets Manager is named once, without what was sent or said', () => {
  it.each([
    ['too many calls', awsSays('ThrottlingException', 400, HELD_KEY), 'throttled', true],
    ['a role that may not', awsSays('AccessDeniedException', 400, HELD_KEY), 'denied', false],
    ['trouble of its own', awsSays('InternalServiceError', 500, HELD_KEY), 'unavailable', true],
    ['a key of KMS that is gone', awsSays('DecryptionFailure', 400, HELD_KEY), 'refused', false],
    ['no answer in time', 'hang', 'timeout', true],
  ] as const)('%s', async (_name, answer, failure, retryable) => {
    const { secrets, asked } = await openScript({ GetSecretValue: [answer] });
    const error: unknown = await secrets.value(ID, { label: 'AWSCURRENT' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'AwsError', failure, retryable });
    expect(String(error)).toMatch(/^AwsError: secretsmanager\.GetSecretValue: /);
    expect(JSON.stringify(error) + String(error)).not.toContain(HELD_KEY);
    expect(asked).toHaveLength(retryable ? 3 : 1);
  });
});

describe('a move that AWS refuses', () => {
  const refusals = ['InvalidParameterException', 'InvalidRequestException', 'ResourceNotFoundException'];

  it.each(refusals)('with %s is lost when the label lies elsewhere', async (code) => {
    const { secrets, asked } = await openScript({
      UpdateSecretVersionStage: [awsSays(code)],
      DescribeSecret: [labelled({ [FROM]: ['AWSPREVIOUS'], [TO]: ['AWSCURRENT'] })],
    });
    expect(await secrets.move(ID, 'AWSCURRENT', FROM, TO)).toBe(false);
    expect(asked.map(({ operation }) => operation)).toEqual(['UpdateSecretVersionStage', 'DescribeSecret']);
  });

  it.each(refusals)('with %s is an error when the label lies where it should', async (code) => {
    const { secrets } = await openScript({
      UpdateSecretVersionStage: [awsSays(code)],
      DescribeSecret: [labelled({ [FROM]: ['AWSCURRENT'] })],
    });
    await expect(secrets.move(ID, 'AWSCURRENT', FROM, TO)).rejects.toThrow(code);
    await expect(secrets.move(ID, 'STANDBY', null, TO)).rejects.toThrow(code);
  });

  it('is an error when there is no such secret', async () => {
    const { secrets } = await openScript({
      UpdateSecretVersionStage: [awsSays('ResourceNotFoundException')],
      DescribeSecret: [awsSays('ResourceNotFoundException')],
    });
    await expect(secrets.move(ID, 'STANDBY', null, TO)).rejects.toMatchObject({ failure: 'not-found' });
  });

  it('because the role may not is no question of labels', async () => {
    const { secrets, asked } = await openScript({ UpdateSecretVersionStage: [awsSays('AccessDeniedException')] });
    await expect(secrets.move(ID, 'AWSCURRENT', FROM, TO)).rejects.toMatchObject({ failure: 'denied' });
    expect(asked).toHaveLength(1);
  });
});

describe('a move', () => {
  it('names the version that has the label and the one that gets it, and only those', async () => {
    const { secrets, asked } = await openScript({ UpdateSecretVersionStage: [awsGives({})] });
    await secrets.move(ID, 'AWSCURRENT', FROM, TO);
    await secrets.move(ID, 'STANDBY', null, TO);
    await secrets.move(ID, 'STANDBY', TO, null);
    const inputs = asked.map(({ input }) => input);
    expect(inputs).toEqual([
      { SecretId: ID, VersionStage: 'AWSCURRENT', RemoveFromVersionId: FROM, MoveToVersionId: TO },
      { SecretId: ID, VersionStage: 'STANDBY', MoveToVersionId: TO },
      { SecretId: ID, VersionStage: 'STANDBY', RemoveFromVersionId: TO },
    ]);
  });

  it('that would take AWSCURRENT off, or names no version, is refused before AWS is asked', async () => {
    const { secrets, asked } = await openScript({});
    await expect(secrets.move(ID, 'AWSCURRENT', FROM, null)).rejects.toMatchObject({ failure: 'refused' });
    await expect(secrets.move(ID, 'STANDBY', null, null)).rejects.toMatchObject({ failure: 'refused' });
    expect(asked).toHaveLength(0);
  });

  it('to where the label is only looks whether it is there', async () => {
    const { secrets, asked } = await openScript({ DescribeSecret: [labelled({ [TO]: ['STANDBY'] })] });
    expect(await secrets.move(ID, 'STANDBY', TO, TO)).toBe(true);
    expect(await secrets.move(ID, 'STANDBY', FROM, FROM)).toBe(false);
    expect(asked.map(({ operation }) => operation)).toEqual(['DescribeSecret', 'DescribeSecret']);
  });
});
