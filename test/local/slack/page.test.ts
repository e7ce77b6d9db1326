import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSlack } from './open.ts';

const FOLDER = join(import.meta.dirname, '../../../lib/local/slack/page');
const sources = readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const);

describe('the page', () => {
  it('serves every file that it is made of, with its type', async () => {
    const { origin } = await openSlack();
    const types = { html: 'text/html', css: 'text/css', js: 'text/javascript' };
    for (const [name] of sources) {
      const response = await fetch(name === 'index.html' ? `${origin}/` : `${origin}/page/${name}`);
      const ending = name.split('.').at(-1);
      expect([name, response.status]).toEqual([name, 200]);
      expect(response.headers.get('content-type')).toBe(
        `${Object.entries(types).find(([key]) => key === ending)?.[1]}; charset=utf-8`,
      );
    }
  });

  it.each(sources)('%s builds no markup out of text and loads nothing from elsewhere', (_name, source) => {
    expect(source).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\b|new Function/,
    );
    expect(source).not.toMatch(/(?:src|href|from|import|url)\s*[=(]?\s*["'(]https?:/);
    expect(source).not.toMatch(/\son[a-z]+="|style="|<style|javascript:/);
  });
});
