import * as z from 'zod/mini';
import type { SecretReader, SecretVersions } from '../../ports/secrets.ts';
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

/** Of `Secrets` what a function needs that only looks at keys. Throws `AwsError`. */
export const createSecretReader = (call: SignedCall): SecretReader => ({
  labels: (secretId) => readLabels(call, secretId).catch(nullWhenMissing),
  value: (secretId, at) => readSecretText(call, secretId, at).catch(nullWhenMissing),
});

const nullWhenMissing = (error: unknown): null => {
  if (error instanceof AwsError && error.failure === 'not-found') return null;
  throw error;
};

const DESCRIBED = z.object({ VersionIdsToStages: z.optional(z.record(z.string(), z.array(z.string()))) });

const readLabels = async ({ callJson }: SignedCall, secretId: string): Promise<SecretVersions> => {
  const answer = DESCRIBED.safeParse(await callJson('secretsmanager', 'DescribeSecret', { SecretId: secretId }));
  if (!answer.success) throw new AwsError('secretsmanager.DescribeSecret', 'unreadable', { code: 'NoVersions' });
  const versions = Object.entries(answer.data.VersionIdsToStages ?? {});
  return new Map(versions.flatMap(([version, stages]) => stages.map((stage) => [stage, version] as const)));
};
