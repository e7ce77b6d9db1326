import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod/mini';

const link = z.looseObject({
  name: z.optional(z.string()),
  code: z.optional(z.unknown()),
  message: z.optional(z.string()),
});

const row = z.looseObject({
  case: z.string(),
  outcome: z.string(),
  branch: z.optional(z.string()),
  name: z.optional(z.string()),
  message: z.optional(z.string()),
  statusCode: z.optional(z.number()),
  contentType: z.optional(z.string()),
  headers: z.optional(z.record(z.string(), z.string())),
  body: z.optional(z.string()),
  codes: z.optional(z.array(z.union([z.string(), z.number()]))),
  causeChain: z.optional(z.array(link)),
});

export type ErrorRow = z.infer<typeof row>;

const path = new URL('../../../../shared/mistral/error-table.json', import.meta.url);

export const hasErrorTable = existsSync(path);

export const errorRows = (): readonly ErrorRow[] =>
  hasErrorTable ? z.object({ rows: z.array(row) }).parse(JSON.parse(readFileSync(path, 'utf8'))).rows : [];

/** The thrown thing of a row again, from what was recorded of it. */
export const rebuild = (from: ErrorRow): unknown => {
  const links = (from.causeChain ?? []).toReversed();
  const hasCodeOnTop = links.length === 0 && from.codes?.[0] !== undefined;
  const cause = links.reduce<unknown>(
    (inner, one) => ({ ...one, ...(inner === undefined ? {} : { cause: inner }) }),
    undefined,
  );
  return {
    name: from.name,
    message: from.message,
    ...(hasCodeOnTop ? { code: from.codes?.[0] } : {}),
    ...(cause === undefined ? {} : { cause }),
    ...(from.name === 'ZodError' ? { issues: [] } : {}),
    ...(from.statusCode === undefined
      ? {}
      : {
          statusCode: from.statusCode,
          body: from.body ?? '',
          contentType: from.contentType ?? '',
          headers: new Headers(from.headers ?? {}),
        }),
  };
};

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** The table keeps 200 characters of a body; a JSON object that was cut there is closed again, as a server would have sent it. */
export const wholeBody = (from: ErrorRow): string => {
  const body = from.body ?? '';
  if (body.length < 200 || !body.startsWith('{')) return body;
  const ends = ['', '}', '"}', '":0}', ':0}', 'null}'];
  return ends.map((end) => body + end).find(parses) ?? body;
};
