import type { MitigationKind } from './lease.ts';

/**
 * What a person does where there is no button: the exact name to change, and for a switch the model to change to, where one is known.
 * What is to be copied stands between back-ticks.
 */
export const wordByHand = (kind: Exclude<MitigationKind, 'rotate-key'>, service: string, model?: string): string => {
  switch (kind) {
    case 'enable-fallback':
      return `Set \`MISTRAL_FALLBACK\` to \`true\` for ${service}.`;
    case 'reduce-concurrency':
      return `Set \`MAX_CONCURRENT_MISTRAL\` of ${service} to half of what it is now.`;
    case 'raise-timeout':
      return `Set \`MISTRAL_TIMEOUT_MS\` of ${service} to twice what it is now. Set it back after recovery.`;
    case 'switch-model':
      return model === undefined
        ? `Set \`MISTRAL_MODEL\` of ${service} to the id of a model in the model list.`
        : `Set \`MISTRAL_MODEL\` of ${service} to \`${model}\`.`;
    case 'rollback':
      return `Deploy the last good version of ${service} again.`;
  }
};
