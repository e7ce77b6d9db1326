import { alertmanager } from './alertmanager.ts';
import { datadog } from './datadog.ts';
import { generic } from './generic.ts';
import { grafana } from './grafana.ts';
import { sns } from './sns.ts';
import type { Source } from './source.ts';

/**
 * Every monitor we understand. To add one: write `lib/intake/<name>.ts` that exports a `Source` (its `read` must answer null for
 * every body that is not of its shape), add one line here before `generic`, put a real body into the fixtures, and give each
 * fixture a row in `test/intake/<name>.test.ts`; `test/intake/sources.test.ts` fails while a source has none.
 * The order matters at the generic door alone: Grafana sends what Alertmanager sends, and more.
 */
export const SOURCES: readonly Source[] = [grafana, alertmanager, sns, datadog, generic];

export const findSource = (name: string): Source | null => SOURCES.find((source) => source.name === name) ?? null;
