import { createSignedCall } from '../adapters/aws/signed-request.ts';
import { systemClock, systemWait } from '../adapters/system.ts';
import type { Config } from '../config.ts';
import type { Environment } from '../environment.ts';
import { NO_SOURCES, type ProbeSources } from '../ports/probe-sources.ts';
import type { Store } from '../ports/store.ts';
import { createSources } from './sources.ts';

/** Of one signed call, its second try included; probes have less. */
const CALL_LIMIT_MS = 5_000;

/** The same sources as on Lambda, for the run on a person's machine; AWS with what the environment has of it. */
export const createLocalSources = (local: {
  readonly environment: Environment;
  readonly config: Config;
  readonly store: Pick<Store, 'read'>;
  /** Of the Mistral API that is asked. */
  readonly serverUrl: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}): ProbeSources => {
  const { config, store, serverUrl, variables } = local;
  const adminKey = local.environment.mistral?.adminKey ?? null;
  return {
    ...NO_SOURCES,
    ...createSources({
      config,
      store,
      serverUrl,
      variables,
      call: createSignedCall({ variables, limitMs: CALL_LIMIT_MS }),
      adminKey: adminKey === null ? null : () => Promise.resolve(adminKey),
      clock: systemClock,
      wait: systemWait,
    }),
  };
};
