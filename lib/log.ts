import type { Log } from './ports/world.ts';

/** Characters of one field: a log line is for finding, not for keeping. */
const MAX_FIELD_CHARS = 300;

/**
 * One JSON line per event. Fields are scalars that the caller names one by one, so that no object (an error, a body, headers) is
 * ever printed whole; JSON keeps line breaks in a text from making a second line.
 */
export const createLog =
  (write: (line: string) => void, nowMs: () => number): Log =>
  (event, fields = {}) => {
    const cut = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, MAX_FIELD_CHARS) : value,
    ]);
    write(JSON.stringify({ at: new Date(nowMs()).toISOString(), event, ...Object.fromEntries(cut) }));
  };
