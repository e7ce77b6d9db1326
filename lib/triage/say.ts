import { clip, plainText } from '../domain/plain-text.ts';

const MOST_NAMES = 3;
const LONGEST_NAME = 60;
const LONGEST_SENTENCE = 480;

/** Somebody else's name in the middle of our sentence: nothing in it can end the sentence or open another. */
export const nameIn = (text: string): string => {
  const name = plainText(text, 2 * LONGEST_NAME)
    .replace(/[^\p{L}\p{M}\p{N} _.:/@+*-]/gu, '')
    .replace(/[.:]+(?=\s|$)/g, '')
    .trim();
  return name === '' ? '(no name)' : clip(name, LONGEST_NAME);
};

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

/** `0.4 %`, `40 %`. */
export const percent = (share: number): string => {
  const value = share * 100;
  return `${value > 0 && value < 10 ? Math.max(0.1, Math.round(value * 10) / 10) : Math.round(value)} %`;
};
