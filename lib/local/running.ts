import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

const runSchema = z.object({ pid: z.number(), url: z.string(), embeddedMistralUrl: z.nullable(z.string()) });

/** What other commands need to know of a running `npm start` with the same state. */
export type Running = z.output<typeof runSchema>;

const placeOf = (stateDir: string): string => join(stateDir, 'running.json');

export const rememberRun = (stateDir: string, running: Running): void =>
  writeFileSync(placeOf(stateDir), JSON.stringify(running), { mode: 0o600 });

export const forgetRun = (stateDir: string): void => rmSync(placeOf(stateDir), { force: true });

/** null when nothing runs there, also when it ended without saying so. */
export const findRun = (stateDir: string): Running | null => {
  try {
    const running = runSchema.parse(JSON.parse(readFileSync(placeOf(stateDir), 'utf8')));
    process.kill(running.pid, 0);
    return running;
  } catch {
    return null;
  }
};
