import type { Actions } from './action.ts';
import { enableFallback } from './enable-fallback.ts';
import { rotateKey } from './rotate-key.ts';

/** Every mitigation that can be run. One that is missing here is advice for people only. */
export const ACTIONS: Actions = {
  'rotate-key': rotateKey,
  'enable-fallback': enableFallback,
};
