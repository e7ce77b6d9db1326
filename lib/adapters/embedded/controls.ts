import { join, resolve } from 'node:path';
import type { ControlProjection } from '../../ports/controls.ts';
import { placeBelow, readIfPresent, replaceFile } from './replace-file.ts';

/** What applications read, as `<stateDir>/controls/<environment>/<service>.json`. */
export const openControls = (stateDir: string): ControlProjection => {
  const place = (environment: string, service: string): string =>
    placeBelow(join(resolve(stateDir), 'controls'), `${environment}/${service}.json`);
  return {
    current: async (environment, service) => {
      const bytes = await readIfPresent(place(environment, service));
      return bytes === null ? null : new TextDecoder().decode(bytes);
    },
    publish: async (environment, service, text) =>
      replaceFile(place(environment, service), new TextEncoder().encode(text)),
  };
};
