import { type Foresight, OWN_SOURCE } from '../domain/ahead.ts';
import type { Alert, AlertState } from '../domain/alert.ts';
import { alertKey, groupKey } from '../domain/key.ts';

const INTEGRATION = 'default';

/** As every monitor's alert: with a key of its own for each step, and all steps of a subject in one incident. */
export const toAlert = (
  one: Foresight,
  place: { readonly service: string; readonly environment: string },
  { state, at }: { readonly state: AlertState; readonly at: string },
): Alert => {
  const subject = [place.environment, place.service, one.subject];
  return {
    key: alertKey(INTEGRATION, OWN_SOURCE, [...subject, one.step]),
    group: groupKey(INTEGRATION, OWN_SOURCE, subject),
    source: OWN_SOURCE,
    integration: INTEGRATION,
    state,
    severity: one.severity,
    title: one.title,
    summary: one.summary,
    ...place,
    model: one.model,
    startedAt: state === 'firing' ? at : null,
    endedAt: state === 'resolved' ? at : null,
    labels: { watch: one.subject },
    link: null,
  };
};
