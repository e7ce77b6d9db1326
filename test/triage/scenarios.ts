import { describe, expect, it } from 'vitest';
import type { MitigationKind } from '../../lib/domain/lease.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { diagnose } from '../../lib/triage/tree.ts';
import { context, readFindings } from './findings.ts';

export type Scenario = {
  readonly name: string;
  readonly found: string;
  /** verdict, branch, owner, severity, confidence */
  readonly verdict: string;
  readonly offered: readonly MitigationKind[];
  readonly useless: readonly MitigationKind[];
  /** Words of the next question; null: nothing is left to ask. */
  readonly asks: string | null;
  /** Words of the cause. */
  readonly says?: string;
  /** Words of the first step. */
  readonly first?: string;
  /** Words of some step, and words that no step has. */
  readonly step?: string;
  readonly noStep?: string;
  /** Whether a standby key is kept; it is, unless said otherwise. */
  readonly standby?: 'present' | 'absent' | 'unknown';
  /** Models of Mistral's that it calls instead; none are named, unless said otherwise. */
  readonly fallbackModels?: readonly string[];
  /** When the incident began; now, unless said otherwise. */
  readonly since?: string;
  /** Why an expert would judge so, in one line. */
  readonly because: string;
};

/** Each row through the whole tree and the plan. */
export const judgeScenarios = (theme: string, rows: readonly Scenario[]): void => {
  describe(theme, () => {
    it.each(rows)('$name: $because', ({ found, standby = 'present', since, fallbackModels = [], ...expected }) => {
      const began = since === undefined ? {} : { since };
      const told = diagnose(readFindings(found), { ...context(), standby, ...began });
      const plan = planMitigations(told, { standby, secretId: 'mistral/checkout', fallbackModels });
      const { verdict, branch, owner, severity, confidence, nextQuestion = null } = told;
      expect({
        verdict: [verdict, branch, owner, severity ?? '-', confidence].join(' '),
        offered: plan.mitigations.map(({ kind }) => kind),
        useless: plan.notOffered.map(({ kind }) => kind),
        asks: nextQuestion !== null,
      }).toEqual({
        verdict: expected.verdict,
        offered: expected.offered,
        useless: expected.useless,
        asks: expected.asks !== null,
      });
      expect(told.cause).toContain(expected.says ?? '');
      expect(nextQuestion ?? '').toContain(expected.asks ?? '');
      expect(told.nextSteps[0] ?? '').toContain(expected.first ?? '');
      expect(told.nextSteps.join(' ')).toContain(expected.step ?? '');
      if (expected.noStep !== undefined) expect(told.nextSteps.join(' ')).not.toContain(expected.noStep);
    });
  });
};
