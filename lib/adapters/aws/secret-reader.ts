import * as z from 'zod/mini';
import type { SecretReader, SecretVersions } from '../../ports/secrets.ts';
import { AwsError } from './failure.ts';
import { readSecretText } from './secret-text.ts';
import type { SignedCall } from './signed-request.ts';

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
