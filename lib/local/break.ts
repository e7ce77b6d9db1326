import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { readEnvironment } from '../environment.ts';
import { type Command, tell, tellError } from './commands.ts';
import { UsageError } from './mistakes.ts';
import { FAULTS, isFaultName } from './mistral/faults.ts';
import { readArguments } from './read-arguments.ts';
import { findRun } from './running.ts';

const USE = 'npm run break -- FAULT, npm run break -- slow [SECONDS], npm run break -- model-retired [MODEL]';

/** `npm run break -- FAULT [SECONDS|MODEL]`: breaks or heals the embedded Mistral of a running `npm start`. */
export const breakMistral: Command = async (args) => {
  const { values, positionals } = readArguments(USE, 2, () =>
    parseArgs({ args: [...args], options: { list: { type: 'boolean', default: false } }, allowPositionals: true }),
  );
  const [fault, more] = positionals;
  if (fault === undefined || values.list) return listFaults();
  const order = orderOf(fault, more);
  const { stateDir } = readEnvironment(process.env);
  const url = (await findRun(stateDir))?.embeddedMistralUrl ?? null;
  if (url === null) {
    tellError(
      `No "npm start" with an embedded Mistral runs on ${stateDir}. Start it in another terminal, then try again.`,
    );
    return 2;
  }
  const response = await fetch(`${url}/control/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  if (!response.ok) {
    tellError(`The embedded Mistral refused "${fault}": ${await readRefusal(response)}`);
    return 2;
  }
  tell(
    fault === 'none'
      ? 'The embedded Mistral is well again.'
      : `The embedded Mistral now has the fault "${[fault, ...(more === undefined ? [] : [more])].join(' ')}". Heal it with: npm run break -- none`,
  );
  return 0;
};

const listFaults = (): number => {
  for (const [name, meaning] of Object.entries(FAULTS)) tell(`${name.padEnd(16)} ${String(meaning)}`);
  tell('');
  tell('One at a time: npm run break -- FAULT. With seconds or a model of your own:');
  tell('  npm run break -- slow 5');
  tell('  npm run break -- model-retired MODEL');
  tell('Heal it with: npm run break -- none. A restart of the bot heals it too.');
  return 0;
};

/** What the control of the embedded Mistral takes. */
const orderOf = (fault: string, more: string | undefined): object => {
  if (!isFaultName(fault))
    throw new UsageError(`There is no fault "${fault}". There are: ${Object.keys(FAULTS).join(', ')}.`);
  if (more === undefined) return { fault };
  if (fault === 'model-retired') return { fault, model: more };
  if (fault !== 'slow') throw new UsageError(`"${more}" is a word too many for ${fault}. Use: ${USE}`);
  const seconds = /^\d{1,3}(?:\.\d{1,3})?$/.test(more) ? Number(more) : Number.NaN;
  if (!(seconds <= 600)) throw new UsageError(`"${more}" is no number of seconds from 0 to 600. Use: ${USE}`);
  return { fault, seconds };
};

const refusalSchema = z.object({ error: z.string() });

const readRefusal = async (response: Response): Promise<string> => {
  const body: unknown = await response.json().catch(() => null);
  const refusal = z.safeParse(refusalSchema, body);
  return refusal.success ? refusal.data.error.slice(0, 300) : `it answered ${response.status}`;
};
