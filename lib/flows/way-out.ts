import type { Finding } from '../domain/diagnosis.ts';
import type { PlanContext } from '../mitigate/plan.ts';
import type { ServiceTarget } from '../ports/probes.ts';
import { isTrouble } from '../probes/trouble.ts';
import { endOf } from '../triage/lifecycle.ts';
import type { Parts } from './parts.ts';
import { placeKey, targetOf } from './target-of.ts';

type WayOut = Required<Pick<PlanContext, 'fallbackModels' | 'drill' | 'replacements' | 'keysLiveIn'>>;
type WayOutParts = Pick<Parts, 'store' | 'settings' | 'log'>;

/**
 * What the application has in place of its models, how its last rehearsal went, what is published to come after them, and where its keys
 * live.
 */
export const findWayOut = async (
  parts: WayOutParts,
  target: ServiceTarget,
  findings: readonly Finding[],
): Promise<WayOut> => {
  const { fallbackModels = [] } = targetOf(parts, { service: target.name, environment: target.environment }) ?? {};
  const replacements = Object.fromEntries(
    target.models.flatMap((model) => {
      const name = endOf(model)?.replacedBy;
      return name === undefined || name === null ? [] : [[model, name] as const];
    }),
  );
  // Read only in trouble, since each look costs, and where there is something to rehearse.
  const isWanted = fallbackModels.length > 0 && findings.some(isTrouble);
  const drill = isWanted ? await lastDrill(parts, target) : null;
  return { fallbackModels, drill, replacements, keysLiveIn: parts.settings.keysLiveIn };
};

/** null: not known, or there was none. */
const lastDrill = async ({ store, log }: WayOutParts, target: ServiceTarget): Promise<WayOut['drill']> => {
  try {
    return (await store.read('ahead', placeKey(target)))?.record.drill ?? null;
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    log('ahead.unread', { service: target.name, environment: target.environment, why });
    return null;
  }
};
