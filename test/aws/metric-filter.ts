import { at } from './template.ts';

const TOKEN = /\(|\)|&&|\|\||!=|>=|<=|[=<>]|"[^"]*"|[^\s()=<>!]+/g;

const COMPARE: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>=': (left, right) => typeof left === 'number' && left >= Number(right),
  '<=': (left, right) => typeof left === 'number' && left <= Number(right),
  '>': (left, right) => typeof left === 'number' && left > Number(right),
  '<': (left, right) => typeof left === 'number' && left < Number(right),
};

/** The value of `$.a.b`; CloudWatch knows no number in quotes for a number. */
const select = (selector: string, line: unknown): unknown => at(line, ...selector.replace(/^\$\./, '').split('.'));

/**
 * Whether a JSON filter pattern of CloudWatch Logs takes a line: comparisons with `&&`, `||` and parentheses, as far as ours go. Throws on
 * what it does not know. Source: docs.aws.amazonaws.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html.
 */
export const takesLine = (pattern: string, line: unknown): boolean => {
  const [, inside] = /^\{(.*)\}$/s.exec(pattern) ?? [];
  const tokens = [...(inside ?? '').matchAll(TOKEN)].map(([token]) => token);
  const next = (): string => tokens.shift() ?? '';

  const readOne = (): boolean => {
    const first = next();
    if (first === '(') {
      const value = readAny();
      if (next() !== ')') throw new Error(`no ) in ${pattern}`);
      return value;
    }
    const compare = COMPARE[next()];
    const right = next();
    if (!first.startsWith('$.') || compare === undefined || right === '') throw new Error(`cannot read ${pattern}`);
    return compare(select(first, line), JSON.parse(right));
  };
  const readAll = (): boolean => {
    let value = readOne();
    while (tokens[0] === '&&') value = [next() !== '', readOne(), value].every(Boolean);
    return value;
  };
  const readAny = (): boolean => {
    let value = readAll();
    while (tokens[0] === '||') value = [next() === '', readAll(), value].some(Boolean);
    return value;
  };

  const value = readAny();
  if (tokens.length > 0) throw new Error(`cannot read ${pattern}`);
  return value;
};
