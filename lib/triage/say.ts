import { clip, nameIn } from '../domain/plain-text.ts';

const MOST_NAMES = 3;
const LONGEST_SENTENCE = 480;

export const listNames = (names: readonly string[]): string => {
  const shown = names.slice(0, MOST_NAMES).map(nameIn).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
};

/** First letter large, one full stop, never longer than a message shows. */
export const sentence = (text: string): string => {
  const cut = clip(text, LONGEST_SENTENCE);
  return `${cut.charAt(0).toUpperCase()}${cut.slice(1)}.`;
};

/** `09:50 UTC`, the day before it when it is not that of `nearMs`. */
export const clockOf = (ms: number, nearMs: number): string => {
  const iso = new Date(ms).toISOString();
  const time = `${iso.slice(11, 16)} UTC`;
  return Math.abs(nearMs - ms) < 12 * 3_600_000 ? time : `${iso.slice(0, 10)} ${time}`;
};

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const SPANS: readonly (readonly [number, string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
];

/** `2 hours`, in the largest unit that fits. */
export const spanOf = (ms: number): string => {
  const [unitMs, unit] = SPANS.find(([size]) => Math.abs(ms) >= size) ?? [1_000, 'second'];
  const count = Math.round(Math.abs(ms) / unitMs);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
};
