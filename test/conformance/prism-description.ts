import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod/mini';

/** Mistral's own description of its API, where it lies beside this repository; never copied into it. */
export const DESCRIPTION = fileURLToPath(new URL('../../../shared/mistral/openapi.yaml', import.meta.url));
const OVERLAY = new URL('../fixtures/openapi/mistral-errors.overlay.yaml', import.meta.url);

const members = z.record(z.string(), z.unknown());
type Members = z.output<typeof members>;
const overlay = z.object({
  actions: z.array(z.object({ target: z.string(), update: z.optional(members), remove: z.optional(z.boolean()) })),
});

const isMembers = (value: unknown): value is Members => z.safeParse(members, value).success;

/** As the Overlay specification merges: objects member by member, anything else replaced. */
const merge = (into: unknown, update: unknown): unknown => {
  if (!isMembers(into) || !isMembers(update)) return update;
  const merged = Object.entries(update).map(([name, value]) => [name, merge(into[name], value)] as const);
  return { ...into, ...Object.fromEntries(merged) };
};

/** The document with what lies at the path changed; undefined takes it away. A path that leads nowhere is a mistake in the overlay. */
const change = (document: unknown, [name, ...rest]: readonly string[], to: (found: unknown) => unknown): unknown => {
  if (name === undefined) return to(document);
  if (!isMembers(document) || !(name in document)) throw new Error(`nothing at ${name}`);
  const changed = change(document[name], rest, to);
  const { [name]: _before, ...others } = document;
  return changed === undefined ? others : { ...document, [name]: changed };
};

const pathOf = (target: string): readonly string[] =>
  [...target.matchAll(/\['([^']+)'\]/g)].map(([, name = '']) => name);

/** The description with the answers that it leaves out. */
export const describeWithErrors = (): unknown =>
  z
    .parse(overlay, parse(readFileSync(OVERLAY, 'utf8')))
    .actions.reduce<unknown>(
      (document, { target, update, remove }) =>
        change(document, pathOf(target), (found) => (remove === true ? undefined : merge(found, update))),
      parse(readFileSync(DESCRIPTION, 'utf8')),
    );

export const readDescription = (): unknown => parse(readFileSync(DESCRIPTION, 'utf8'));
