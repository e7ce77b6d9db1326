import { AwsError } from './failure.ts';
import type { SignedCall } from './signed-request.ts';

/** The current value of a secret that is a text. Throws `AwsError`. */
export const readSecretText = async ({ callJson }: SignedCall, secretId: string): Promise<string> => {
  const answer = await callJson('secretsmanager', 'GetSecretValue', { SecretId: secretId });
  const text: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'SecretString') : undefined;
  if (typeof text === 'string') return text;
  throw new AwsError('secretsmanager.GetSecretValue', 'unreadable', { code: 'NoSecretString' });
};
