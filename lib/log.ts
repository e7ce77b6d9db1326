import type { Log } from './ports/world.ts';

/** Characters of one field: a log line is for finding, not for keeping. */
const MAX_FIELD_CHARS = 300;

/** Members that a line has besides, by its event: what whoever keeps the lines makes metrics of. */
export type MoreMembers = (
  event: string,
  fields: NonNullable<Parameters<Log>[1]>,
  nowMs: number,
) => Readonly<Record<string, unknown>>;

/**
 * One JSON line per event. Fields are scalars that the caller names one by one, so that no object (an error, a body, headers) is
 * ever printed whole; JSON keeps line breaks in a text from making a second line.
 */
export const createLog =
  (write: (line: string) => void, nowMs: () => number, more: MoreMembers = () => ({})): Log =>
  (event, fields = {}) => {
    const atMs = nowMs();
    const cut = Object.entries(fields).map(
      ([name, value]) => [name, typeof value === 'string' ? value.slice(0, MAX_FIELD_CHARS) : value] as const,
    );
    const own = { at: new Date(atMs).toISOString(), event, ...Object.fromEntries(cut) };
    write(JSON.stringify({ ...own, ...more(event, fields, atMs) }));
  };
