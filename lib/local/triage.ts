import { parseArgs } from 'node:util';
import { createHealthCalls } from '../adapters/http.ts';
import { createMistralCalls } from '../adapters/mistral/calls.ts';
import { withholdSecrets } from '../adapters/mistral/withhold.ts';
import { systemClock, systemWait } from '../adapters/system.ts';
import { keysLiveIn, secretPlace, seedSecrets } from '../app/embedded-keys.ts';
import { noteValues } from '../app/held-keys.ts';
import { createLocalSources } from '../app/local-sources.ts';
import { openState, type State } from '../app/local-state.ts';
import { settingsOf } from '../app/settings.ts';
import type { Config } from '../config.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import type { Environment } from '../environment.ts';
import { askTheWorld } from '../flows/diagnose-service.ts';
import { placeKey, placeOf, readPlace, type ServicePlace, targetOf } from '../flows/target-of.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { judge } from '../triage/judge.ts';
import { nextCheckMs } from '../triage/next-check.ts';
import { type Command, hasColour, tell, tellError } from './commands.ts';
import { type Leaving, listenForEnd } from './leaving.ts';
import { type NamesInput, namesAsked, openLive } from './live-probes.ts';
import { configName, readSetup } from './load-config.ts';
import { makeFolder } from './make-folder.ts';
import { openOwnMistral } from './own-mistral.ts';
import { readArguments } from './read-arguments.ts';
import { findRun } from './running.ts';
import { triageJson } from './triage-json.ts';
import { renderTriage } from './triage-text.ts';

const EXIT = { healthy: 0, problem: 1, unknown: 2 } as const;

type Flags = { readonly service: string | undefined; readonly json: boolean; readonly watch: boolean };

/** `npm run triage -- [--service [ENVIRONMENT/]NAME] [--json] [--watch]`: the decision tree once, in the terminal. */
export const triage: Command = async (args) => {
  const flags = readFlags(args);
  const { environment, config } = await readSetup(process.env);
  const place = choosePlace(config, flags.service);
  if (place === null) return 2;
  makeFolder(environment.stateDir);
  const state = await openState(environment.stateDir, systemClock);
  const mistral = await findMistral(environment, config, state);
  const leaving = listenForEnd();
  try {
    await seedSecrets(state.secrets, config, environment);
    const ask = () => askOnce({ environment, config, state, mistral, place, leaving }, flags);
    if (!flags.json) tell(`Mistral: ${mistral.about}. Service: ${place.environment}/${place.service}.`);
    let diagnosis = await ask();
    while (flags.watch && !leaving.isAsked()) {
      await Promise.race([systemWait(nextCheckMs(diagnosis, config.intervals)), leaving.asked]);
      if (leaving.isAsked()) break;
      if (!flags.json) tell('');
      diagnosis = await ask();
    }
    return EXIT[diagnosis.verdict];
  } catch (error) {
    if (leaving.signal() === null) throw error;
    return EXIT.unknown;
  } finally {
    await mistral.close();
    await state.close();
    leaving.end();
  }
};

const USE = 'npm run triage -- [--service [ENVIRONMENT/]NAME] [--json] [--watch]';

const readFlags = (args: readonly string[]): Flags => {
  const options = {
    service: { type: 'string' },
    json: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
  } as const;
  const { values } = readArguments(USE, 0, () => parseArgs({ args: [...args], options, allowPositionals: true }));
  return { service: values.service, json: values.json, watch: values.watch };
};

const choosePlace = ({ services }: Config, wanted: string | undefined): ServicePlace | null => {
  const place = placeOf({ settings: { services } }, readPlace(wanted ?? null));
  if (targetOf({ settings: { services } }, place) !== null) return place;
  const names = services.map(placeKey).join(', ');
  tellError(`--service ${wanted ?? ''} is not one service of ${configName(process.env)}. There are: ${names}.`);
  return null;
};

type Mistral = {
  readonly url: string;
  readonly about: string;
  /** Started by this command, so that its being well says nothing about anybody's API. */
  readonly isOwn: boolean;
  readonly close: () => Promise<void>;
};

/** The configured API; else the embedded one of a running `npm start`; else one of our own for this question. */
const findMistral = async (environment: Environment, config: Config, state: State): Promise<Mistral> => {
  const nothing = (): Promise<void> => Promise.resolve();
  if (environment.mistral)
    return { url: environment.mistral.serverUrl, about: environment.mistral.serverUrl, isOwn: false, close: nothing };
  const running = (await findRun(environment.stateDir))?.embeddedMistralUrl ?? null;
  if (running !== null)
    return { url: running, about: 'the embedded one of the running bot', isOwn: false, close: nothing };
  const own = await openOwnMistral({ environment, config, state });
  return {
    url: own.url,
    about: 'embedded, started for this question (set MISTRAL_API_KEY for the real one)',
    isOwn: true,
    close: own.close,
  };
};

const OWN_WARNING =
  '\nThis was the embedded Mistral, which this command started itself: set MISTRAL_API_KEY to ask the real one.';

type Question = {
  readonly environment: Environment;
  readonly config: Config;
  readonly state: State;
  readonly mistral: Mistral;
  readonly place: ServicePlace;
  readonly leaving: Leaving;
};

const askOnce = async (
  { environment, config, state, mistral, place, leaving }: Question,
  flags: Flags,
): Promise<Diagnosis> => {
  const settings = settingsOf(config, {
    channel: '',
    secretId: secretPlace(environment),
    keysLiveIn: keysLiveIn(environment),
  });
  const target = targetOf({ settings }, place);
  if (target === null) throw new Error('the configuration lost its service');
  const calls = createMistralCalls({
    serverUrl: mistral.url,
    clock: systemClock,
    allowPrivate: config.probing.allowPrivate,
  });
  await calls.warmUp();
  const { secrets, noted } = noteValues(state.secrets);
  const adminKey = environment.mistral?.adminKey;
  const parts = {
    store: state.store,
    secrets,
    mistral: withholdSecrets(calls, () => Promise.resolve([...noted(), ...(adminKey ? [adminKey] : [])])),
    health: createHealthCalls(),
    sources: createLocalSources({
      environment,
      config,
      store: state.store,
      serverUrl: mistral.url,
      variables: process.env,
    }),
    clock: systemClock,
    wait: systemWait,
    settings,
    log: () => undefined,
  };
  const colour = !flags.json && hasColour(process.stdout);
  const shown = flags.json ? null : showProbes(parts, target, colour);
  const question = askTheWorld(parts, target, (answer) => shown?.answer(judge(answer)));
  const diagnosis = await Promise.race([question, leaving.interrupted]).finally(shown?.close);
  const asked = environment.mistral?.serverUrl ?? 'embedded';
  const { isTTY, columns } = process.stdout;
  tell(
    flags.json
      ? triageJson(diagnosis, { mistral: asked, place, oneLine: flags.watch }).trimEnd()
      : renderTriage(diagnosis, {
          colour,
          service: place.service,
          ...(isTTY && columns > 0 ? { columns } : {}),
        }).trimEnd(),
  );
  if (mistral.isOwn && !flags.json) tell(OWN_WARNING);
  return diagnosis;
};

/** One line per question, drawn in place and gone when all have answered; nothing where it would stay, as in a file. */
const showProbes = (parts: Omit<NamesInput, 'target'>, target: ServiceTarget, colour: boolean) => {
  const { isTTY, columns, rows: lines } = process.stdout;
  if (!isTTY) return null;
  return openLive(
    { names: namesAsked({ ...parts, target }), colour, columns, lines },
    { write: (text) => void process.stdout.write(text), nowMs: systemClock.nowMs },
  );
};
