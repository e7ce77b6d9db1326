import { join } from 'node:path';
import { type EmbeddedJobs, openJobs } from '../adapters/embedded/jobs.ts';
import { type EmbeddedSecrets, openSecrets } from '../adapters/embedded/secrets.ts';
import { openStateFile } from '../adapters/embedded/state-file.ts';
import { openStore } from '../adapters/embedded/store.ts';
import { SECRETS_SCHEMA, STATE_SCHEMA } from '../adapters/embedded/tables.ts';
import type { Store } from '../ports/store.ts';
import type { Clock } from '../ports/world.ts';

export type State = {
  readonly store: Store;
  readonly jobs: EmbeddedJobs;
  readonly secrets: EmbeddedSecrets;
  readonly close: () => Promise<void>;
};

/** The two files of the local state. Several processes may have them open: the bot, and the commands that read. */
export const openState = async (stateDir: string, clock: Clock): Promise<State> => {
  const file = await openStateFile(join(stateDir, 'state.sqlite'), STATE_SCHEMA);
  const secretsFile = await openStateFile(join(stateDir, 'secrets.sqlite'), SECRETS_SCHEMA);
  return {
    store: openStore(file),
    jobs: openJobs(file, clock),
    secrets: openSecrets(secretsFile, clock),
    close: async () => {
      await Promise.all([file.close(), secretsFile.close()]);
    },
  };
};
