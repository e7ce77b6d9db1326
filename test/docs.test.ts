import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';

const ROOT = new URL('../', import.meta.url);
const read = (url: URL): string => readFileSync(url, 'utf8');
const PAGES = ['README.md', 'CONTRIBUTING.md', ...readdirSync(new URL('docs/', ROOT)).map((name) => `docs/${name}`)]
  .filter((path) => path.endsWith('.md'))
  .map((path) => [path, new URL(path, ROOT)] as const);

const { scripts } = z.parse(
  z.object({ scripts: z.record(z.string(), z.string()) }),
  JSON.parse(read(new URL('package.json', ROOT))),
);

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): readonly string[] =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

it.each(PAGES)('%s names no command that is not there', (_, page) => {
  const named = [...read(page).matchAll(/\bnpm run (?:--\S+ )?([a-z][\w:-]*)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

it.each(PAGES)('%s links to no file and no heading that is not there', (_, page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => new URL(link, page));
  const broken = links.filter((link) => {
    const file = new URL(link.pathname, 'file:');
    if (!existsSync(file)) return true;
    const anchor = decodeURIComponent(link.hash.slice(1));
    return anchor !== '' && !anchorsOf(read(file)).includes(anchor);
  });
  expect(broken.map(({ pathname, hash }) => `${pathname}${hash}`)).toEqual([]);
});
