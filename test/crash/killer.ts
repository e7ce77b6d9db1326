import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Running, startProcess } from './processes.ts';

/** The places of law 4 and law 7 between which a crash may fall; `ports/world.ts` names them. */
export const STEPS = ['saving', 'sending', 'sent', 'intended', 'effected'] as const;
export type Step = (typeof STEPS)[number];
/** `anywhere`: from outside, at a moment that nobody chose. */
export type Death = Step | 'anywhere';

export type Plan =
  | { readonly at: Step; readonly after: number; readonly limitMs: number }
  | { readonly at: 'anywhere'; readonly limitMs: number };

export type BotPlace = {
  readonly environment: Readonly<Record<string, string>>;
  /** Where the bot writes a step, synced, just before it kills itself there. */
  readonly dieLog: string;
};

const BOT = fileURLToPath(import.meta.resolve('./bot.ts'));

export const startBot = ({ environment, dieLog }: BotPlace, plan: Plan | null): Running => {
  const armed =
    plan === null || plan.at === 'anywhere' ? {} : { DIE_AT: plan.at, DIE_AFTER: String(plan.after), DIE_LOG: dieLog };
  return startProcess(process.execPath, [BOT], { ...environment, ...armed });
};

/** Starts the bot, lets it work until it dies at the planned step, or kills it from outside when the time is over. */
export const killOnce = async (place: BotPlace, plan: Plan): Promise<Death> => {
  const bot = startBot(place, plan);
  const isReady = (await bot.ready) !== null;
  const died = new AbortController();
  const ended = bot.ended.finally(() => died.abort());
  if (isReady) await pause(plan.limitMs, undefined, { signal: died.signal }).catch(() => undefined);
  bot.kill('SIGKILL');
  const { signal } = await ended;
  if (signal !== 'SIGKILL') throw new Error(`the bot ended by itself: ${bot.output()}`);
  return stepOf(place.dieLog, bot.pid) ?? 'anywhere';
};

const stepOf = (dieLog: string, pid: number): Step | null => {
  if (!existsSync(dieLog)) return null;
  const lines = readFileSync(dieLog, 'utf8').split('\n');
  const said = lines.findLast((line) => line.startsWith(`${pid} `))?.split(' ')[1];
  return STEPS.find((step) => step === said) ?? null;
};
