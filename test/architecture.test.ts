import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { findTroubles, readImports } from './architecture-law.ts';

const ROOT = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const packageSchema = z.object({ dependencies: z.record(z.string(), z.string()) });
const DEPENDENCIES = Object.keys(packageSchema.parse(JSON.parse(read('package.json'))).dependencies);

const listSources = (folder: string): readonly (readonly [string, string])[] =>
  readdirSync(new URL(`${folder}/`, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[jt]s$/.test(name))
    .map((name) => `${folder}/${name}`)
    .map((path) => [path, read(path)] as const);

describe('the house', () => {
  const sources = new Map(['lib', 'functions', 'templates'].flatMap(listSources));

  it('keeps its law: who imports whom, what touches the world, how long files are and how they are named', () => {
    expect(sources.size).toBeGreaterThan(30);
    expect(findTroubles(sources, DEPENDENCIES)).toEqual([]);
  });

  it('gives the reason for every runtime dependency', () => {
    const reasons = read('docs/dependencies.md');
    const missing = DEPENDENCIES.filter((name) => !reasons.includes(`| \`${name}\` |`));
    expect(missing).toEqual([]);
  });
});

describe('the law finds', () => {
  const planted: readonly (readonly [string, string, string])[] = [
    ['lib/domain/a.ts', "import type { X } from '../ports/x.ts';", 'imports ports'],
    ['lib/domain/a.ts', "import { readFileSync } from 'node:fs';", 'imports node:fs'],
    ['lib/intake/a.ts', "import { x } from '../correlate/x.ts';", 'imports more than types from correlate'],
    ['lib/intake/a.ts', "export { x } from '../correlate/x.ts';", 'imports more than types from correlate'],
    ['lib/intake/a.ts', "import { type X } from '../correlate/x.ts';", 'imports more than types from correlate'],
    ['lib/triage/a.ts', "import {\n  x,\n} from '../adapters/slack/x.ts';", 'imports adapters'],
    ['lib/report/a.ts', "import type { X } from '../flows/x.ts';", 'imports flows'],
    ['lib/report/a.ts', "const x = await import('../flows/x.ts');", 'imports flows'],
    ['lib/report/a.ts', "import '../flows/x.ts';", 'imports flows'],
    ['lib/probes/a.ts', "import { x } from '../triage/x.ts';", 'imports more than types from triage'],
    ['lib/flows/a.ts', "import { x } from '../adapters/embedded/x.ts';", 'imports adapters'],
    ['lib/flows/a.ts', "import { x } from '../config.ts';", 'imports more than types from config'],
    ['lib/adapters/aws/a.ts', "import { x } from '../embedded/x.ts';", 'imports the adapter embedded'],
    ['lib/adapters/retry.ts', "import { x } from './embedded/x.ts';", 'imports the adapter embedded'],
    ['lib/adapters/aws/a.ts', "import { x } from '../../flows/x.ts';", 'imports flows'],
    ['lib/adapters/aws/a.ts', "import { x } from 'left-pad/x';", 'imports left-pad, which package.json does not name'],
    ['lib/app/lambda.ts', "import { x } from '../local/x.ts';", 'only app/local.ts may import local'],
    ['functions/a.ts', "import { x } from '../lib/flows/x.ts';", 'imports flows'],
    ['functions/a.ts', "import { x } from '../lib/domain/x.ts';", 'imports more than types from domain'],
    ['functions/a.ts', "import { x } from '../lib/local/x.ts';", 'only app/local.ts may import local'],
    ['lib/guard/a.ts', "import { x } from '../domain/x.ts';", 'imports domain'],
    ['lib/attic/a.ts', '', 'is in no room of the house'],
    ['lib/domain/a.ts', 'const now = Date.now();', 'touches the world: Date.now'],
    ['templates/a.ts', 'const now = new Date( );', 'touches the world: new Date( )'],
    ['lib/triage/a.ts', 'const x = Math.random();', 'touches the world: Math.random'],
    ['lib/mitigate/a.ts', "const x = process.env['X'];", 'touches the world: process.'],
    ['lib/domain/a.ts', 'x\n'.repeat(251), 'has 251 lines, more than 250'],
    ['lib/domain/key-utils.ts', '', 'is named "utils"'],
    ['lib/flows/common/a.ts', '', 'is named "common"'],
    ['lib/flows/sendPart.ts', '', 'is not in kebab-case'],
  ];
  for (const [path, source, trouble] of planted) {
    it(`${trouble}, in ${path}`, () => {
      expect(findTroubles(new Map([[path, source]]), DEPENDENCIES)).toEqual([`${path}: ${trouble}`]);
    });
  }

  const allowed: readonly (readonly [string, string])[] = [
    ['lib/intake/a.ts', "import type { X } from '../correlate/x.ts';"],
    [
      'lib/intake/a.ts',
      "import { x } from './b.ts';\nimport { y } from '../domain/y.ts';\nimport * as z from 'zod/mini';",
    ],
    [
      'lib/domain/a.ts',
      "// Date.now() is told to us\n/** not process.env */\nconst url = 'https://x/Date';\nnew Date(nowMs);",
    ],
    [
      'lib/adapters/aws/a.ts',
      "import { x } from '../retry.ts';\nimport { y } from '@slack/web-api';\nimport 'node:fs';",
    ],
    ['lib/app/local.ts', "import { x } from '../local/x.ts';"],
    ['lib/local/a.ts', "import { x } from '../app/x.ts';\nimport { config } from '../../triage.config.ts';"],
    ['functions/a.ts', "import type { X } from '../lib/ports/x.ts';\nimport { y } from '../lib/intake/y.ts';"],
    ['lib/report/a.ts', "const page = `\n  import x from 'page';\n`;"],
    ['lib/domain/a.ts', 'x\n'.repeat(250)],
  ];
  for (const [path, source] of allowed) {
    it(`nothing wrong in ${path}: ${source.slice(0, 40).split('\n')[0]}`, () => {
      expect(findTroubles(new Map([[path, source]]), DEPENDENCIES)).toEqual([]);
    });
  }

  it('every import, however it is written', () => {
    const source =
      "import a, { b } from './a.ts';\nexport * from './b.ts';\nexport type { C } from './c.ts';\nimport './d.ts';";
    expect(readImports(source).map(({ target, typeOnly }) => `${target} ${typeOnly}`)).toEqual([
      './a.ts false',
      './b.ts false',
      './c.ts true',
      './d.ts false',
    ]);
  });
});
