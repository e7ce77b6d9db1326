import { findFreePort } from '../../free-port.ts';
import { startProcess, untilReady } from '../processes.ts';

/** Path of `moto_server`, as `.ci/run` finds it. */
const MOTO = process.env['MOTO_SERVER_BIN'] ?? '';

/** For `describe.skipIf(skipsMoto)`. Where CI is true nothing is skipped: then `openMoto` fails without the program. */
export const skipsMoto = MOTO === '' && process.env['CI'] !== 'true';

/** An AWS of its own, empty, for any account and any key. */
export type Moto = {
  readonly url: string;
  /** Everything in it is gone. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** `environment`: more of it, for the program. */
export const openMoto = async (environment: Readonly<Record<string, string>> = {}): Promise<Moto> => {
  if (MOTO === '') throw new Error('MOTO_SERVER_BIN names no moto_server');
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const server = startProcess(MOTO, ['-H', '127.0.0.1', '-p', String(port)], environment);
  await untilReady('moto_server', server, async () => ((await fetch(`${url}/moto-api/data.json`)).ok ? true : null));
  return {
    url,
    reset: async () => {
      const { status } = await fetch(`${url}/moto-api/reset`, { method: 'POST' });
      if (status !== 200) throw new Error(`moto answered a reset with ${status}`);
    },
    close: server.stop,
  };
};
