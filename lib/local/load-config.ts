import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Config, ConfigError, readConfig } from '../config.ts';

/** `triage.config.ts` of the project, or the file that `TRIAGE_CONFIG` names. */
export const loadConfig = async (variables: Readonly<Record<string, string | undefined>>): Promise<Config> => {
  const path = variables['TRIAGE_CONFIG']
    ? resolve(variables['TRIAGE_CONFIG'])
    : resolve(import.meta.dirname, '../../triage.config.ts');
  const module: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new ConfigError([`${path}: ${error instanceof Error ? error.message : 'cannot be read'}`]);
  });
  const isExporting = typeof module === 'object' && module !== null && 'default' in module;
  if (!isExporting)
    throw new ConfigError([`${path}: has no default export; write "export default defineConfig({ … })"`]);
  return readConfig(module.default);
};
