import { boundText, type Cuts, countCut } from './text.ts';

const MAX_LABELS = 64;
const MAX_NAME_CHARS = 128;
const MAX_VALUE_CHARS = 1024;
const MAX_CHARS = 16_000;

/** They differ between replicas and restarts of one and the same trouble. */
const VOLATILE: ReadonlySet<string> = new Set(['replica', 'prometheus', 'pod']);

/** Names that would change an object rather than fill it, where somebody copies labels carelessly. */
const DANGEROUS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A JSON object's own members; null for everything else. A Map, so that no name reaches a prototype. */
export const readMembers = (value: unknown): ReadonlyMap<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;

/** Members that are a text, number or truth value, as text. An empty one is absent, as in Prometheus. */
export const readTexts = (value: unknown): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>();
  for (const [name, member] of readMembers(value) ?? []) {
    const text = typeof member === 'number' || typeof member === 'boolean' ? String(member) : member;
    if (typeof text === 'string' && text !== '') texts.set(name, text);
  }
  return texts;
};

/** What all of these say alike where they say it: of two values for one name neither is right. */
export const agreedTexts = (all: readonly ReadonlyMap<string, string>[]): ReadonlyMap<string, string> => {
  const agreed = new Map<string, string>();
  const disputed = new Set<string>();
  for (const [name, value] of all.flatMap((texts) => [...texts])) {
    if ((agreed.get(name) ?? value) !== value) disputed.add(name);
    agreed.set(name, value);
  }
  return new Map([...agreed].filter(([name]) => !disputed.has(name)));
};

const sortPairs = (pairs: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] =>
  pairs.toSorted(([one], [other]) => (one < other ? -1 : 1));

/** Sorted pairs without the volatile ones: the identity of an alert whose source gave no other. */
export const labelIdentity = (texts: ReadonlyMap<string, string>): readonly string[] =>
  sortPairs([...texts].filter(([name]) => !VOLATILE.has(name))).flat();

/** A name for an alert that has none: its first labels in the order of the alphabet. */
export const describeLabels = (texts: ReadonlyMap<string, string>): string =>
  sortPairs([...texts])
    .slice(0, 3)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/**
 * Labels as they are kept: at most 64 and 16,000 characters, names and values bounded. So an alert is far smaller than a job may be.
 */
export const boundLabels = (cuts: Cuts, texts: ReadonlyMap<string, string>): Readonly<Record<string, string>> => {
  const kept: [string, string][] = [];
  let chars = 0;
  for (const [rawName, rawValue] of texts) {
    const name = boundText(cuts, 'label name', rawName, MAX_NAME_CHARS);
    if (name === '' || DANGEROUS.has(name)) continue;
    const value = kept.length < MAX_LABELS ? boundText(cuts, 'label value', rawValue, MAX_VALUE_CHARS) : '';
    chars += name.length + value.length;
    if (kept.length === MAX_LABELS || chars > MAX_CHARS) countCut(cuts, 'labels left out');
    else if (value !== '') kept.push([name, value]);
  }
  return Object.fromEntries(kept);
};

/** The first of these labels that is there. */
export const pickLabel = (texts: ReadonlyMap<string, string>, names: readonly string[]): string | undefined =>
  names.map((name) => texts.get(name)).find((value) => value !== undefined && value.trim() !== '');
