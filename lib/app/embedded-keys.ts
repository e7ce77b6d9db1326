import { randomBytes } from 'node:crypto';
import type { EmbeddedSecrets } from '../adapters/embedded/secrets.ts';
import type { Config } from '../config.ts';
import type { Environment } from '../environment.ts';

/** Keys of the embedded Mistral live under names of their own, so that a real key never goes there nor the other way round. */
export const secretPlace =
  (environment: Environment) =>
  (configured: string): string =>
    environment.mistral ? configured : `embedded/${configured}`;

/** Whose keys they are: from the environment, or made up. */
export const keysLiveIn = (environment: Environment): 'local' | 'embedded' =>
  environment.mistral ? 'local' : 'embedded';

/** Fills the secrets: from the environment, or with keys of the embedded Mistral that are made once. */
export const seedSecrets = async (
  secrets: EmbeddedSecrets,
  config: Config,
  environment: Environment,
): Promise<void> => {
  const place = secretPlace(environment);
  for (const secretId of new Set(config.services.map((service) => service.secretId))) {
    if (environment.mistral) {
      await secrets.seed(secretId, { current: environment.mistral.key, standby: environment.mistral.standbyKey });
    } else if ((await secrets.labels(place(secretId))) === null) {
      await secrets.seed(place(secretId), { current: makeKey(), standby: makeKey() });
    }
  }
};

const makeKey = (): string => `embedded-${randomBytes(16).toString('hex')}`;
