import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod/mini';
import { BRANCH_FACTS } from '../../lib/triage/branches.ts';
import { forAny } from '../triage/any-findings.ts';

const published = new URL('../../../shared/mistral/branches.json', import.meta.url);
const list = z.object({ branches: z.array(z.object({ branch: z.string(), useless: z.array(z.string()) })) });

/** What the published list calls useless; the copy in the code where it is not at hand. */
const USELESS: ReadonlyMap<string, readonly string[]> = existsSync(published)
  ? new Map(list.parse(JSON.parse(readFileSync(published, 'utf8'))).branches.map((one) => [one.branch, one.useless]))
  : new Map(Object.entries(BRANCH_FACTS).map(([branch, { useless }]) => [branch, useless]));

const DEAD = /^(?:auth|access|billing)\.|^config\.api_key_malformed$/;

describe('the plan for any combination of findings', () => {
  it('offers nothing that is useless, and no key that is dead', () => {
    let rotations = 0;
    forAny((told, findings) => {
      const offered = told.mitigations.map(({ kind }) => kind);
      expect(offered.filter((kind) => USELESS.get(told.branch)?.includes(kind))).toEqual([]);
      expect(told.notOffered.filter(({ kind }) => offered.includes(kind))).toEqual([]);
      expect(new Set(offered).size).toBe(offered.length);
      if (told.verdict !== 'problem') expect([...offered, ...told.notOffered]).toEqual([]);
      if (!offered.includes('rotate-key')) return;
      rotations += 1;
      const standby = findings.find(({ name }) => name === 'standby');
      expect(standby?.outcome === 'failed' && DEAD.test(standby.branch ?? '')).toBe(false);
      const path = findings.find(({ name }) => name === 'path');
      expect(path?.outcome === 'failed' && path.branch === told.branch).toBe(false);
    });
    expect(rotations).toBeGreaterThan(3);
  });

  it('says why not of every button that is useless', () => {
    forAny((told) => {
      const explained = told.notOffered.map(({ kind }) => kind);
      for (const { why } of told.notOffered) expect(why).toMatch(/^[A-Za-z].*[.!?]$/s);
      const useless = told.verdict === 'problem' ? (USELESS.get(told.branch) ?? []) : [];
      const buttons = useless.filter((kind) => kind === 'rotate-key' || kind === 'enable-fallback');
      expect(explained).toEqual(expect.arrayContaining(buttons));
    });
  });

  it('offers no fallback that is seen to fail', () => {
    let offers = 0;
    forAny((told, findings, fallbackModels) => {
      const [model] = fallbackModels;
      if (model === undefined || told.mitigations.every(({ kind }) => kind !== 'enable-fallback')) return;
      offers += 1;
      const seen = findings.filter(({ name }) => name === `chat:${model}` || name === `stream:${model}`);
      expect(seen.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    });
    expect(offers).toBeGreaterThan(0);
  });

  it('moves nothing that users have where they are answered, and no key that is accepted', () => {
    forAny((told, findings) => {
      const offered = told.mitigations.map(({ kind }) => kind);
      const outcome = (name: string) => findings.find((finding) => finding.name === name)?.outcome;
      const isChatting = told.matrix?.every((row) => row.outcome === 'ok') === true;
      if (outcome('models') === 'failed' && isChatting && !told.branch.startsWith('app.')) expect(offered).toEqual([]);
      if (outcome('models') === 'ok') expect(offered).not.toContain('rotate-key');
    });
  });
});
