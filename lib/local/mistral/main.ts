import { parseArgs } from 'node:util';
import { openEmbeddedMistral } from './server.ts';

/** The embedded Mistral as a process of its own: `node lib/local/mistral/main.ts --port 0`, keys in EMBEDDED_MISTRAL_KEYS, comma-separated. */
const run = async (): Promise<void> => {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
  const port = Number(values.port);
  const keys = (process.env['EMBEDDED_MISTRAL_KEYS'] ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '')
    .map((value, index) => ({ name: `key-${index + 1}`, value }));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port must be a number from 0 to 65535');
  if (keys.length === 0) throw new Error('EMBEDDED_MISTRAL_KEYS names no key: give one or more, comma-separated');
  const mistral = await openEmbeddedMistral({ keys, port, clock: { nowMs: Date.now } });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void mistral.close());
  process.stdout.write(`ready ${mistral.url}\n`);
};

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'could not start'}\n`);
  process.exitCode = 1;
}
