import { AwsError } from './failure.ts';
import type { SignedCall } from './signed-request.ts';

/** `label`: the current value unless another is named. Throws `AwsError`, also for a secret that is no text. */
export const readSecretText = async (
  { callJson }: SignedCall,
  secretId: string,
  { label }: { readonly label?: string } = {},
): Promise<string> => {
  const which = label === undefined ? {} : { VersionStage: label };
  const answer = await callJson('secretsmanager', 'GetSecretValue', { SecretId: secretId, ...which });
  const text: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'SecretString') : undefined;
  if (typeof text === 'string') return text;
  throw new AwsError('secretsmanager.GetSecretValue', 'unreadable', { code: 'NoSecretString' });
};
