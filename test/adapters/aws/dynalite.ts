import { once } from 'node:events';
import dynalite from 'dynalite';

export type Dynalite = { readonly url: string; readonly close: () => Promise<void> };

/** A DynamoDB in memory. It checks no signature, and forgets nothing by itself. */
export const openDynalite = async (): Promise<Dynalite> => {
  const server = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      await promise;
    },
  };
};
