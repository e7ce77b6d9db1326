/** The law of the house, as data, and the function that finds what breaks it. Sources come in as text, so that the law itself can be tested. */

type Sources = ReadonlyMap<string, string>;

type Room = {
  /** Rooms it may import from. */
  readonly values: readonly string[];
  /** Rooms of which it may import types only. */
  readonly types: readonly string[];
  /** Packages it may import; `*` is any that package.json names. */
  readonly packages: readonly string[];
  /** It decides and touches nothing: no clock, no chance, no environment. */
  readonly pure: boolean;
};

const THINKING = ['intake', 'correlate', 'triage', 'mitigate', 'report', 'templates'];
const COMPUTING = ['node:crypto', 'node:buffer', 'zod/mini'];

const thinks = (name: string): readonly [string, Room] => [
  name,
  { values: ['domain'], types: THINKING.filter((other) => other !== name), packages: COMPUTING, pure: true },
];

/** An archive is computed in memory; a port takes its bytes. */
const PACKING = ['node:zlib', 'modern-tar'];

const ASKING: Room = { values: ['ports', 'domain'], types: ['triage', 'mitigate'], packages: [], pure: false };

const INNER = ['domain', ...THINKING, 'ports', 'probes', 'actions'];
const OUTER = [...INNER, 'flows', 'adapters', 'config', 'config-error', 'environment', 'log'];

const ROOMS: ReadonlyMap<string, Room> = new Map([
  ['domain', { values: [], types: [], packages: ['node:crypto'], pure: true }],
  ...THINKING.map(thinks),
  ['ports', { values: ['domain'], types: [], packages: [], pure: false }],
  ['probes', ASKING],
  ['actions', ASKING],
  ['flows', { values: INNER, types: ['config'], packages: ['node:crypto', ...PACKING], pure: false }],
  ['adapters', { values: ['ports', 'domain'], types: [], packages: ['*'], pure: false }],
  ['config-error', { values: [], types: [], packages: [], pure: true }],
  ['config', { values: ['domain', 'config-error'], types: ['ports'], packages: ['*'], pure: false }],
  ['environment', { values: ['domain', 'config', 'config-error'], types: ['ports'], packages: ['*'], pure: false }],
  ['log', { values: ['domain'], types: ['ports'], packages: ['*'], pure: false }],
  ['guard', { values: [], types: [], packages: [], pure: false }],
  ['app', { values: OUTER, types: ['functions'], packages: ['*'], pure: false }],
  ['functions', { values: ['app', 'config', 'intake'], types: ['ports', 'domain'], packages: ['*'], pure: false }],
  ['local', { values: [...OUTER, 'app', 'functions', 'guard'], types: [], packages: ['*'], pure: false }],
]);

const MAX_LINES = 250;
const FORBIDDEN_WORDS = ['utils', 'util', 'common', 'manager', 'helpers', 'helper', 'base'];
const IMPURE =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bMath\.random\b|\bprocess\.|\bperformance\.|\brandomUUID\b|\brandomBytes\b|\brandomInt\b|\bgetRandomValues\b|\bset(?:Timeout|Interval|Immediate)\b|\bfetch\(/;

/** `lib/<room>/…` and `lib/<room>.ts`, `functions/…`, `templates/…`; `triage.config.ts` and the like have none. */
const roomOf = (path: string): string | null => {
  const [top, second = ''] = path.split('/');
  if (top === 'functions' || top === 'templates') return top;
  return top === 'lib' ? second.replace(/\.(?:ts|js)$/, '') : null;
};

/** Each adapter is a room of its own; what lies in `adapters/` itself serves all of them. */
const adapterOf = (path: string): string | null => /^lib\/adapters\/([^/]+)\//.exec(path)?.[1] ?? null;

const withoutComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');

/** Programs that stand in a template are no imports of this file. */
const withoutTemplates = (code: string): string =>
  code.replace(/`(?:\\[\s\S]|\$\{(?:[^{}]|\{[^{}]*\})*\}|[^`\\])*`/g, '``');

type Import = { readonly target: string; readonly typeOnly: boolean };

/** As Biome formats them: `import … from '…'`, `export … from '…'`, `import '…'`, `import('…')`. */
export const readImports = (source: string): readonly Import[] => {
  const code = withoutTemplates(withoutComments(source));
  const fromClauses = [...code.matchAll(/^\s*(import|export)\s+(type\s)?[^'";]*?from\s*['"]([^'"]+)['"]/gm)];
  const bare = [...code.matchAll(/(?:^\s*import\s*|\bimport\(\s*)['"]([^'"]+)['"]/gm)];
  return [
    ...fromClauses.map(([, , type, target = '']) => ({ target, typeOnly: type !== undefined })),
    ...bare.map(([, target = '']) => ({ target, typeOnly: false })),
  ];
};

const resolveFrom = (path: string, target: string): string => new URL(target, `file:///${path}`).pathname.slice(1);

const checkOwnImport = (path: string, room: Room, name: string, { target, typeOnly }: Import): string | null => {
  const to = resolveFrom(path, target);
  const toRoom = roomOf(to);
  if (toRoom === 'local' && name !== 'local') {
    return path === 'lib/app/local.ts' ? null : 'only app/local.ts may import local';
  }
  if (toRoom === null) return name === 'local' || name === 'app' ? null : `imports ${to}, which is in no room`;
  if (toRoom === name) {
    const [mine, theirs] = [adapterOf(path), adapterOf(to)];
    return theirs === null || mine === theirs ? null : `imports the adapter ${theirs}`;
  }
  if (room.values.includes(toRoom)) return null;
  if (!room.types.includes(toRoom)) return `imports ${toRoom}`;
  return typeOnly ? null : `imports more than types from ${toRoom}`;
};

const checkPackage = (room: Room, { target, typeOnly }: Import, declared: readonly string[]): string | null => {
  if (room.packages.includes(target)) return null;
  if (!room.packages.includes('*')) return typeOnly && target === '@slack/types' ? null : `imports ${target}`;
  if (target.startsWith('node:')) return null;
  const name = target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
  return typeOnly || declared.includes(name) ? null : `imports ${name}, which package.json does not name`;
};

const checkImports = (path: string, source: string, declared: readonly string[]): readonly string[] => {
  const name = roomOf(path);
  const room = name === null ? undefined : ROOMS.get(name);
  if (name === null || room === undefined) return ['is in no room of the house'];
  return readImports(source)
    .map((found) =>
      found.target.startsWith('.') ? checkOwnImport(path, room, name, found) : checkPackage(room, found, declared),
    )
    .filter((trouble) => trouble !== null);
};

const checkShape = (path: string, source: string): readonly string[] => {
  const troubles: string[] = [];
  const lines = source.trimEnd().split('\n').length;
  if (lines > MAX_LINES) troubles.push(`has ${lines} lines, more than ${MAX_LINES}`);
  const words = path.toLowerCase().split(/[/.-]/);
  for (const word of FORBIDDEN_WORDS) if (words.includes(word)) troubles.push(`is named "${word}"`);
  if (/[A-Z_]/.test(path)) troubles.push('is not in kebab-case');
  return troubles;
};

const checkPurity = (path: string, source: string): readonly string[] => {
  if (ROOMS.get(roomOf(path) ?? '')?.pure !== true) return [];
  const [found] = IMPURE.exec(withoutComments(source)) ?? [];
  return found === undefined ? [] : [`touches the world: ${found}`];
};

/** One line per trouble: `path: what is wrong`. `declared` are the runtime dependencies. */
export const findTroubles = (sources: Sources, declared: readonly string[]): readonly string[] =>
  [...sources].flatMap(([path, source]) =>
    [...checkImports(path, source, declared), ...checkShape(path, source), ...checkPurity(path, source)].map(
      (trouble) => `${path}: ${trouble}`,
    ),
  );
