import { systemClock } from '../adapters/system.ts';
import { secretPlace, seedSecrets } from '../app/embedded-keys.ts';
import { createHeldKeys } from '../app/held-keys.ts';
import type { State } from '../app/local-state.ts';
import type { Config } from '../config.ts';
import type { Environment } from '../environment.ts';
import { type EmbeddedMistral, openEmbeddedMistral } from './mistral/server.ts';

type Wanted = {
  readonly environment: Environment;
  readonly config: Config;
  readonly state: Pick<State, 'secrets'>;
};

/** An embedded Mistral that lets in the keys of this state and serves the models of this configuration. */
export const openOwnMistral = async ({ environment, config, state }: Wanted): Promise<EmbeddedMistral> => {
  // It knows the keys that are there when it opens, so they must be.
  await seedSecrets(state.secrets, config, environment);
  const { keys } = await createHeldKeys({
    secrets: state.secrets,
    secretIds: config.services.map(({ secretId }) => secretPlace(environment)(secretId)),
    clock: systemClock,
    log: () => undefined,
    keepMs: 0,
  })();
  return openEmbeddedMistral({
    keys: keys.map((value, index) => ({ name: `key-${index + 1}`, value })),
    models: [...new Set(config.services.flatMap((service) => service.models))],
    clock: systemClock,
  });
};
