import { readEnvironment } from '../environment.ts';
import { type Command, tell, tellError } from './commands.ts';
import { FAULTS } from './mistral/faults.ts';
import { findRun } from './running.ts';

/** `npm run break -- FAULT`: breaks or heals the embedded Mistral of a running `npm start`. */
export const breakMistral: Command = async ([fault = '--list']) => {
  if (fault === '--list') {
    for (const [name, meaning] of Object.entries(FAULTS)) tell(`${name.padEnd(16)} ${String(meaning)}`);
    return 0;
  }
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
    body: JSON.stringify({ fault }),
  });
  if (!response.ok) {
    tellError(`The embedded Mistral refused "${fault}": ${(await response.text()).slice(0, 300)}`);
    return 2;
  }
  tell(
    fault === 'none'
      ? 'The embedded Mistral is well again.'
      : `The embedded Mistral now has the fault "${fault}". Heal it with: npm run break -- none`,
  );
  return 0;
};
