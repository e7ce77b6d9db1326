import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Ids, Wait } from '../ports/world.ts';

export const systemClock: Clock = { nowMs: () => Date.now() };

/** For less than 24 days, after which a timer ends at once: the longest interval of the configuration is a day. */
export const systemWait: Wait = (ms) => sleep(ms);

/** Crockford's base 32: no I, L, O, U, so that an id survives being read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const randomText = (length: number): string => Array.from(randomBytes(length), (byte) => ALPHABET[byte % 32]).join('');

const timeText = (ms: number): string => {
  let rest = ms;
  let text = '';
  for (let place = 0; place < 10; place += 1) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
};

/** Ids that sort by time, also within one millisecond of one process. */
export const createIds = (): Ids => {
  let lastMs = 0;
  let count = 0;
  return {
    incident: (nowMs) => `INC-${new Date(nowMs).toISOString().slice(2, 10).replaceAll('-', '')}-${randomText(8)}`,
    ordered: (nowMs) => {
      count = nowMs > lastMs ? 0 : count + 1;
      lastMs = Math.max(lastMs, nowMs);
      return `${timeText(lastMs)}${String(count).padStart(4, '0')}${randomText(8)}`;
    },
  };
};
