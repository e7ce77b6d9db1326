import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

const runSchema = z.object({
  pid: z.number(),
  url: z.url({ protocol: /^http$/ }),
  embeddedMistralUrl: z.nullable(z.url({ protocol: /^http$/ })),
});

/** What other commands need to know of a running `npm start` with the same state. */
export type Running = z.output<typeof runSchema>;

/** A bot that does not answer within this time is taken for none. */
const ANSWER_MS = 3_000;

/** What only our own parts answer. A port may have gone to another program since. */
const healthSchema = z.object({ status: z.string(), services: z.object({}), timestamp: z.string() });
const controlSchema = z.object({ fault: z.string(), faults: z.object({}) });

const placeOf = (stateDir: string): string => join(stateDir, 'running.json');

export const rememberRun = (stateDir: string, running: Running): void =>
  writeFileSync(placeOf(stateDir), JSON.stringify(running), { mode: 0o600 });

/** Takes away this run's own note; another bot may have written its own since. */
export const forgetRun = (stateDir: string, own: Running): void => {
  const noted = readNote(stateDir);
  if (noted?.pid === own.pid && noted.url === own.url) rmSync(placeOf(stateDir), { force: true });
};

/** null when nothing runs there. The note alone proves nothing: a bot that died left it, and its process id may be another's now. */
export const findRun = async (stateDir: string): Promise<Running | null> => {
  const noted = readNote(stateDir);
  if (noted === null || !(await answers(`${noted.url}/health`, healthSchema))) return null;
  const control = noted.embeddedMistralUrl === null ? null : `${noted.embeddedMistralUrl}/control/fault`;
  return control === null || (await answers(control, controlSchema)) ? noted : { ...noted, embeddedMistralUrl: null };
};

const readNote = (stateDir: string): Running | null => {
  try {
    return runSchema.parse(JSON.parse(readFileSync(placeOf(stateDir), 'utf8')));
  } catch {
    return null;
  }
};

const answers = async (url: string, schema: z.ZodMiniType): Promise<boolean> => {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
    return z.safeParse(schema, await response.json()).success;
  } catch {
    return false;
  }
};
