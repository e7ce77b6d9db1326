import { LIMITS } from '../../../templates/limits.ts';

/** Where a value stands (a JSON pointer) and the complaints so far, worded as Slack words them. */
export type Found = { readonly problems: string[] };
export type Check = (value: unknown, at: string, found: Found) => void;

export const complain = (found: Found, at: string, words: string): void => {
  found.problems.push(`[ERROR] ${words} [json-pointer:${at}]`);
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const string =
  (max: number, min = 1): Check =>
  (value, at, found) => {
    if (typeof value !== 'string') complain(found, at, 'must be a string');
    else if (value.length > max) complain(found, at, `must be less than ${max + 1} characters`);
    else if (value.length < min) complain(found, at, `must be more than ${min - 1} characters`);
  };

export const boolean: Check = (value, at, found) => {
  if (typeof value !== 'boolean') complain(found, at, 'must be a boolean');
};

export const integer: Check = (value, at, found) => {
  if (!Number.isInteger(value)) complain(found, at, 'must be an integer');
};

export const oneOf =
  (...words: readonly string[]): Check =>
  (value, at, found) => {
    if (typeof value !== 'string' || !words.includes(value)) complain(found, at, `must be one of ${words.join(', ')}`);
  };

export const list =
  (check: Check, max: number, min = 1): Check =>
  (value, at, found) => {
    if (!Array.isArray(value)) return complain(found, at, 'must be an array');
    if (value.length > max) complain(found, at, `no more than ${max} items allowed`);
    if (value.length < min) complain(found, at, `no fewer than ${min} items allowed`);
    for (const [index, item] of value.entries()) check(item, `${at}/${index}`, found);
  };

/** An object of exactly these members: unknown ones are refused, as Slack refuses them. */
export const shape =
  (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, at, found) => {
    if (!isRecord(value)) return complain(found, at, 'must be an object');
    for (const key of Object.keys(required)) {
      if (value[key] === undefined) complain(found, at, `missing required field: ${key}`);
    }
    const known = new Map(Object.entries({ ...optional, ...required }));
    for (const [key, member] of Object.entries(value)) {
      const check = known.get(key);
      if (check === undefined) complain(found, at, `invalid additional property: ${key}`);
      else if (member !== undefined) check(member, `${at}/${key}`, found);
    }
  };

/** Chooses the check by the member `type`. */
export const byType =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, at, found) => {
    if (!isRecord(value)) return complain(found, at, 'must be an object');
    const type = value['type'];
    const check = typeof type === 'string' && Object.hasOwn(checks, type) ? checks[type] : undefined;
    if (check === undefined) complain(found, `${at}/type`, `unsupported type: ${String(type)}`);
    else check(value, at, found);
  };

/** The member `type`, whose value `byType` has looked at already. */
export const typed: Check = () => undefined;

export const plainText = (max: number): Check =>
  byType({ plain_text: shape({ type: typed, text: string(max) }, { emoji: boolean }) });

export const anyText = (max: number): Check =>
  byType({
    plain_text: shape({ type: typed, text: string(max) }, { emoji: boolean }),
    mrkdwn: shape({ type: typed, text: string(max) }, { verbatim: boolean }),
  });

export const confirmDialog: Check = shape(
  {
    title: plainText(LIMITS.confirmTitle),
    text: anyText(LIMITS.confirmText),
    confirm: plainText(LIMITS.confirmButton),
    deny: plainText(LIMITS.confirmButton),
  },
  { style: oneOf('primary', 'danger') },
);

/** `text` is `anyText` for radio buttons and checkboxes and plain text for menus. */
export const option = (text: Check): Check =>
  shape(
    { text, value: string(LIMITS.optionValue) },
    { description: anyText(LIMITS.optionDescription), url: string(LIMITS.buttonUrl) },
  );

/** Complains about each id that stands twice among `owners`. */
export const checkUnique = (owners: readonly (readonly [unknown, string])[], key: string, found: Found): void => {
  const seen = new Set<string>();
  for (const [owner, at] of owners) {
    const id = isRecord(owner) ? owner[key] : undefined;
    if (typeof id !== 'string') continue;
    if (seen.has(id)) complain(found, `${at}/${key}`, `\`${key}\` "${id}" already exists`);
    seen.add(id);
  }
};
