import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
  type UpdateSecretVersionStageCommandInput,
} from '@aws-sdk/client-secrets-manager';
import type { Secrets, SecretVersions } from '../../ports/secrets.ts';
import { type AwsAccess, clientSettings } from './clients.ts';
import { AwsError, classifyAwsFailure } from './failure.ts';

const CURRENT = 'AWSCURRENT';

/**
 * Secrets Manager itself. Nothing is created, nothing deleted. Needs DescribeSecret and GetSecretValue, to move labels
 * UpdateSecretVersionStage as well. Throws `AwsError`: `refused` for a secret that is marked for deletion, `unreadable` for a binary one.
 */
export const createSecrets = (access: AwsAccess = {}): Secrets => {
  const client = new SecretsManagerClient(clientSettings(access));
  const labels = (secretId: string): Promise<SecretVersions | null> => readLabels(client, secretId);
  return {
    labels,
    value: (secretId, at) => readValue(client, secretId, at),
    move: async (secretId, label, from, to) => {
      refuseUnasked(label, from, to);
      if (from !== null && from === to) return (await labels(secretId))?.get(label) === from;
      const refusal = await moveLabel(client, { SecretId: secretId, VersionStage: label, ...versions(from, to) });
      if (refusal === null) return true;
      // AWS says in words alone what it minds, so the labels are looked at instead, once.
      const now = isAnswer(refusal) ? await labels(secretId) : null;
      if (now === null || (now.get(label) ?? null) === from) throw refusal;
      return false;
    },
  };
};

const versions = (from: string | null, to: string | null) => ({
  ...(from === null ? {} : { RemoveFromVersionId: from }),
  ...(to === null ? {} : { MoveToVersionId: to }),
});

/** null when it was done. */
const moveLabel = async (
  client: SecretsManagerClient,
  input: UpdateSecretVersionStageCommandInput,
): Promise<AwsError | null> => {
  try {
    await client.send(new UpdateSecretVersionStageCommand(input));
    return null;
  } catch (error) {
    return classifyAwsFailure('secretsmanager.UpdateSecretVersionStage', error);
  }
};

/** AWS looked at what was asked and said no, rather than not having come to it. */
const isAnswer = ({ failure }: AwsError): boolean => failure === 'refused' || failure === 'not-found';

/** What no call is needed for. */
const refuseUnasked = (label: string, from: string | null, to: string | null): void => {
  const refuse = (code: string) => new AwsError('secretsmanager.UpdateSecretVersionStage', 'refused', { code });
  if (to === null && label === CURRENT) throw refuse('AwsCurrentCannotBeTakenOff');
  if (to === null && from === null) throw refuse('NeitherVersionNamed');
};

const readLabels = async (client: SecretsManagerClient, secretId: string): Promise<SecretVersions | null> => {
  const call = 'secretsmanager.DescribeSecret';
  try {
    const secret = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
    if (secret.DeletedDate !== undefined) throw new AwsError(call, 'refused', { code: 'SecretMarkedForDeletion' });
    const versions = Object.entries(secret.VersionIdsToStages ?? {});
    return new Map(versions.flatMap(([version, stages]) => stages.map((stage) => [stage, version] as const)));
  } catch (error) {
    return nullWhenMissing(classifyAwsFailure(call, error));
  }
};

type Place = Parameters<Secrets['value']>[1];

const readValue = async (client: SecretsManagerClient, secretId: string, at: Place): Promise<string | null> => {
  const call = 'secretsmanager.GetSecretValue';
  try {
    const which = 'label' in at ? { VersionStage: at.label } : { VersionId: at.versionId };
    const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: secretId, ...which }));
    if (text === undefined) throw new AwsError(call, 'unreadable', { code: 'SecretIsBinary' });
    return text;
  } catch (error) {
    return nullWhenMissing(classifyAwsFailure(call, error));
  }
};

const nullWhenMissing = (error: AwsError): null => {
  if (error.failure === 'not-found') return null;
  throw error;
};
