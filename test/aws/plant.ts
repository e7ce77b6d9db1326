import type { Template } from './template.ts';

export type Path = readonly (string | number)[];

/** A deliberate mistake: what it is, where it goes, the trouble that must be found. Each fits our stack and the small one of `sound.ts`. */
export type Plant = readonly [what: string, path: Path, value: unknown, trouble: string];

/** A copy of the template in which another value stands at `path` below `Resources`; `undefined` takes it away. The way there must exist. */
export const plant = (template: Template, path: Path, value: unknown): Template => {
  const copy = structuredClone(template);
  const inner = path.slice(0, -1).reduce<object>((at, step) => {
    const next: unknown = Reflect.get(at, step);
    if (typeof next !== 'object' || next === null) throw new Error(`nothing at ${path.join('.')}: ${step}`);
    return next;
  }, copy.Resources);
  if (value === undefined) Reflect.deleteProperty(inner, path.at(-1) ?? '');
  else Reflect.set(inner, path.at(-1) ?? '', value);
  return copy;
};
