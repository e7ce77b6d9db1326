import * as z from 'zod/mini';
import type { CallSlack } from './call.ts';
import { ambiguous } from './failure.ts';

const CURSOR = z.object({
  response_metadata: z.optional(z.object({ next_cursor: z.nullish(z.string()) })),
});

/** Slack's advice is at most 200; it may return fewer than asked for while more follow, so only the cursor says when to stop. */
const PAGE_SIZE = 200;

/** Every page of a listing, in order. */
export const readAllPages = async <S extends z.ZodMiniType>(
  call: CallSlack,
  method: string,
  args: Readonly<Record<string, unknown>>,
  schema: S,
): Promise<readonly z.output<S>[]> => {
  const pages: z.output<S>[] = [];
  const seen = new Set<string>();
  let cursor = '';
  do {
    const asked = cursor === '' ? args : { ...args, cursor };
    const page = await call(method, { limit: PAGE_SIZE, ...asked }, z.intersection(CURSOR, schema));
    pages.push(page);
    cursor = page.response_metadata?.next_cursor ?? '';
    if (seen.has(cursor)) throw ambiguous(method, 'the pages go round in a circle');
    if (cursor !== '') seen.add(cursor);
  } while (cursor !== '');
  return pages;
};
