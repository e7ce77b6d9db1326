import { ConfigError } from '../../config-error.ts';
import type { Log } from '../../ports/world.ts';
import { numberMistakes } from './log.ts';

/** What a function has while its configuration is wrong: it lets nobody in and does nothing. */
export const refuseClosed = (): Promise<never> => Promise.reject(new ConfigError(['see config.mistakes in the log']));

/**
 * The parts of a function; `closed` ones, and one line that names every mistake, when its configuration is wrong. To fail instead would
 * fail its initialisation, which the HTTP API answers with 500: a sender takes that for final.
 */
export const openOrClosed = <P>(log: Log, open: () => P, closed: P): P => {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log('config.mistakes', numberMistakes(error.mistakes));
    return closed;
  }
};
