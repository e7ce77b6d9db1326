import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lib/config.ts';
import { MITIGATION_NAMES } from '../../lib/domain/names.ts';
import { BRANCH_FACTS } from '../../lib/triage/branches.ts';
import { BRANCH_WORDS } from '../../lib/triage/words.ts';
import { findSnippet } from './snippets.ts';

const page = readFileSync(new URL('../../docs/diagnosis.md', import.meta.url), 'utf8');

describe('the page about the diagnosis', () => {
  it('tells every cause as the program does, and no other', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    const branches = Object.entries(BRANCH_WORDS).map(([branch, { what }]) => ({ branch, what }));
    const told = branches.map(({ branch, what }) => {
      const facts = Object.entries(BRANCH_FACTS).find(([name]) => name === branch)?.[1];
      const useless = facts?.useless.map((kind) => MITIGATION_NAMES[kind]).join(', ') ?? '';
      return `| \`${branch}\` | ${facts?.owner} | ${facts?.severity ?? '–'} | ${what} | ${useless === '' ? '–' : useless} |`;
    });
    expect(rows).toEqual(told);
  });

  it('shows a configuration of warnings that the program takes', () => {
    const snippet = findSnippet('diagnosis.md', 'Warnings ahead', 'ts', 'modelEnds');
    const written: unknown = runInThisContext(`({${snippet}})`);
    const config = readConfig(written);
    expect(config.services[0]?.fallbackModels).toEqual(['ministral-8b-latest']);
    expect(config.modelEnds['our-own-finetune']?.retires).toBeNull();
  });

  it('gives the deadline and the budget that hold where nothing is configured', () => {
    const { intervals, probing } = readConfig({ services: [{ name: 'a', models: ['m'] }] });
    expect(page).toContain(`${intervals.probeDeadlineMs / 1_000} s)`);
    expect(page).toContain(`(${probing.tokensPerHour.toLocaleString('en-US')})`);
  });
});
