import { parseArgs } from 'node:util';
import { createHealthCalls } from '../adapters/http.ts';
import { createMistralCalls } from '../adapters/mistral/calls.ts';
import { systemClock, systemWait } from '../adapters/system.ts';
import { keysLiveIn, secretPlace, seedSecrets } from '../app/embedded-keys.ts';
import { openState, type State } from '../app/local-state.ts';
import { settingsOf } from '../app/settings.ts';
import type { Config } from '../config.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import { type Environment, readEnvironment } from '../environment.ts';
import { askTheWorld } from '../flows/diagnose-service.ts';
import { judge } from '../triage/judge.ts';
import { type Command, tell, tellError } from './commands.ts';
import { loadConfig } from './load-config.ts';
import { openOwnMistral } from './own-mistral.ts';
import { findRun } from './running.ts';
import { renderFinding, renderTriage, triageJson } from './triage-text.ts';

const EXIT = { healthy: 0, problem: 1, unknown: 2 } as const;

type Flags = { readonly service: string | undefined; readonly json: boolean; readonly watch: boolean };

/** `npm run triage -- [--service NAME] [--json] [--watch]`: the decision tree once, in the terminal. */
export const triage: Command = async (args) => {
  const flags = readFlags(args);
  if (flags === null) return 2;
  const environment = readEnvironment(process.env);
  const config = await loadConfig(process.env);
  const service = chooseService(config, flags.service);
  if (service === null) return 2;
  const state = await openState(environment.stateDir, systemClock);
  const mistral = await findMistral(environment, config, state);
  try {
    await seedSecrets(state.secrets, config, environment);
    const ask = () => askOnce({ environment, config, state, mistralUrl: mistral.url, service }, flags);
    if (!flags.json) tell(`Mistral: ${mistral.about}. Service: ${service}.`);
    let exit = EXIT[(await ask()).verdict];
    while (flags.watch) {
      await systemWait(config.intervals.recheckMs);
      exit = EXIT[(await ask()).verdict];
    }
    return exit;
  } finally {
    await mistral.close();
    await state.close();
  }
};

const readFlags = (args: readonly string[]): Flags | null => {
  try {
    const options = {
      service: { type: 'string' },
      json: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    return { service: values.service, json: values.json, watch: values.watch };
  } catch (error) {
    tellError(
      `${error instanceof Error ? error.message : 'cannot read the options'}. Use: npm run triage -- [--service NAME] [--json] [--watch]`,
    );
    return null;
  }
};

const chooseService = (config: Config, wanted: string | undefined): string | null => {
  const names = config.services.map((service) => service.name);
  const chosen = wanted === undefined ? names[0] : names.find((name) => name === wanted);
  if (chosen === undefined)
    tellError(`No service "${wanted ?? ''}" in triage.config.ts. There are: ${names.join(', ')}.`);
  return chosen ?? null;
};

type Mistral = { readonly url: string; readonly about: string; readonly close: () => Promise<void> };

/** The configured API; else the embedded one of a running `npm start`; else one of our own for this question. */
const findMistral = async (environment: Environment, config: Config, state: State): Promise<Mistral> => {
  const nothing = (): Promise<void> => Promise.resolve();
  if (environment.mistral)
    return { url: environment.mistral.serverUrl, about: environment.mistral.serverUrl, close: nothing };
  const running = (await findRun(environment.stateDir))?.embeddedMistralUrl ?? null;
  if (running !== null) return { url: running, about: 'the embedded one of the running bot', close: nothing };
  const own = await openOwnMistral({ environment, config, state });
  return {
    url: own.url,
    about: 'embedded, started for this question (set MISTRAL_API_KEY for the real one)',
    close: own.close,
  };
};

type Question = {
  readonly environment: Environment;
  readonly config: Config;
  readonly state: State;
  readonly mistralUrl: string;
  readonly service: string;
};

const askOnce = async (
  { environment, config, state, mistralUrl, service }: Question,
  flags: Flags,
): Promise<Diagnosis> => {
  const settings = settingsOf(config, {
    channel: '',
    secretId: secretPlace(environment),
    keysLiveIn: keysLiveIn(environment),
  });
  const [fallback] = settings.services;
  const target = settings.services.find((one) => one.name === service) ?? fallback;
  if (!target) throw new Error('the configuration has no service');
  const mistral = createMistralCalls({ serverUrl: mistralUrl, clock: systemClock });
  await mistral.warmUp();
  const parts = {
    secrets: state.secrets,
    mistral,
    health: createHealthCalls(),
    clock: systemClock,
    wait: systemWait,
    settings,
    log: () => undefined,
  };
  const colour = !flags.json && process.stdout.isTTY;
  const diagnosis = await askTheWorld(parts, target, (answer) => {
    if (!flags.json && process.stdout.isTTY) tell(renderFinding(judge(answer), { colour }));
  });
  tell(flags.json ? triageJson(diagnosis).trimEnd() : renderTriage(diagnosis, { colour }).trimEnd());
  return diagnosis;
};
