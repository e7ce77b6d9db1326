import type { SecretReader } from '../ports/secrets.ts';

const LABELS = ['AWSCURRENT', 'AWSPREVIOUS', 'STANDBY'] as const;

/** Every key that is stored under a label: what redaction looks for, and what the embedded Mistral lets in. */
export const heldKeys = async (secrets: SecretReader, secretIds: readonly string[]): Promise<readonly string[]> => {
  const values = await Promise.all(secretIds.flatMap((id) => LABELS.map((label) => secrets.value(id, { label }))));
  return [...new Set(values.filter((value) => value !== null))];
};
