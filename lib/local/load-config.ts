import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Config, readConfig } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { type Environment, readEnvironment } from '../environment.ts';

type Variables = Readonly<Record<string, string | undefined>>;

const OWN = 'triage.config.ts';

/** The configuration file as a person named it. */
export const configName = (variables: Variables): string => variables['TRIAGE_CONFIG'] || OWN;

/** What the environment and the configuration say; a mistake in one does not hide those in the other. */
export const readSetup = async (
  variables: Variables,
): Promise<{ readonly environment: Environment; readonly config: Config }> => {
  const [environment, config] = await Promise.allSettled([
    Promise.resolve(variables).then(readEnvironment),
    loadConfig(variables),
  ]);
  if (environment.status === 'fulfilled' && config.status === 'fulfilled')
    return { environment: environment.value, config: config.value };
  const reasons: readonly unknown[] = [environment, config].flatMap((read) =>
    read.status === 'rejected' ? [read.reason] : [],
  );
  throw new ConfigError(
    reasons.flatMap((reason) => {
      if (reason instanceof ConfigError) return reason.mistakes;
      throw reason;
    }),
  );
};

/** `triage.config.ts` of the project, or the file that `TRIAGE_CONFIG` names. */
const loadConfig = async (variables: Variables): Promise<Config> => {
  const name = configName(variables);
  const path = variables['TRIAGE_CONFIG'] ? resolve(name) : resolve(import.meta.dirname, '../..', OWN);
  const wrong = whyUnreadable(path);
  if (wrong !== null) throw new ConfigError([`${name}: ${wrong}`]);
  const module: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new ConfigError([`${name}: ${whyNotLoaded(error)}`]);
  });
  const isExporting = typeof module === 'object' && module !== null && 'default' in module;
  if (!isExporting)
    throw new ConfigError([`${name}: has no default export; write "export default defineConfig({ … })"`]);
  return readConfig(module.default, name);
};

const whyUnreadable = (path: string): string | null => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'there is no such file; TRIAGE_CONFIG names it';
  if (!found.isFile()) return 'is no file; TRIAGE_CONFIG names a TypeScript file';
  if (!/\.[cm]?[jt]s$/.test(path))
    return 'is no TypeScript file by its name; it ends in .ts and exports defineConfig({ … }), as triage.config.ts does';
  return null;
};

/** The system's own words only where they are about the file itself. */
const whyNotLoaded = (error: unknown): string => {
  if (!(error instanceof Error)) return 'cannot be loaded: what it throws is no error';
  const words = error.message.replace(/ imported from [\s\S]*$/, '');
  if ('code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return `imports what is not there: ${words}`;
  if ('code' in error && error.code === 'EACCES') return 'this user may not read it';
  if (error.name === 'SyntaxError') return `is not TypeScript that Node can read: ${words.trim().split('\n')[0]}`;
  return `breaks off while it is loaded: ${error.name}: ${words.trim().split('\n')[0]}`;
};
