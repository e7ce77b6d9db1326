import type { Advice } from '../domain/diagnosis.ts';
import type { MitigationKind } from '../domain/lease.ts';
import { CHOOSE, REPLACED } from './plan-rules.ts';

/** Steps that say no more than a mitigation does, by how they begin; `why`: only where the mitigation gives this reason. */
const SAID: readonly { readonly kind: MitigationKind; readonly step: RegExp; readonly why?: RegExp }[] = [
  { kind: 'rotate-key', step: /^Rotate the key to the standby\.$/ },
  {
    kind: 'rotate-key',
    step: /^Store it as the standby version/,
    why: /: create a key in the Mistral console/,
  },
  { kind: 'enable-fallback', step: /^Enable the fallback / },
  { kind: 'rollback', step: /^Roll back (?:our deploy|to what ran before)/ },
  { kind: 'switch-model', step: /^Configure .* in place of /s, why: new RegExp(REPLACED) },
  { kind: 'switch-model', step: /^Look up its replacement/, why: new RegExp(`${REPLACED}|${CHOOSE}`) },
];

/** Of two ways the one that is another model. */
const OR = /^Use (?:another model|a model of the plan), or (\w)/;

/** What neither the offered mitigations nor the reasons against the others say already. */
export const stepsBesides = (steps: readonly string[], advices: readonly Advice[]): readonly string[] => {
  const isSaid = (kind: MitigationKind, why = /^/): boolean =>
    advices.some((advice) => advice.kind === kind && why.test(advice.why));
  const left = steps.filter((text) => !SAID.some(({ kind, step, why }) => step.test(text) && isSaid(kind, why)));
  return isSaid('switch-model')
    ? left.map((text) => text.replace(OR, (_, begin: string) => begin.toUpperCase()))
    : left;
};
