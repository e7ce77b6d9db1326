import type { Branch } from '../domain/branch.ts';
import { isListOnly } from './impact.ts';
import { listNames } from './say.ts';
import { modelsOf, type Seen } from './seen.ts';
import { isOpenPath } from './sharpen.ts';

const isOk = ({ outcome }: { readonly outcome: string }): boolean => outcome === 'ok';

const tellKey = ({ mistral }: Seen): string | null => {
  const [list, ...others] = mistral;
  if (list?.outcome === 'ok') return 'the model list accepts the same key';
  const models = modelsOf(others.filter(isOk));
  return models.length === 0 ? null : `${listNames(models)} ${models.length === 1 ? 'takes' : 'take'} the same key`;
};

const tellName = ({ mistral, asked }: Seen): string | null =>
  mistral.some(isOk) || asked('dns')?.outcome === 'ok'
    ? 'the name resolves for other questions of the same moment, so this comes and goes'
    : null;

const tellBlock = ({ mistral, asked }: Seen): string | null => {
  if (mistral[0]?.outcome !== 'ok') return null;
  return `the model list is answered${isOpenPath(asked) ? ', and so is who has no key' : ''}: only some calls are stopped`;
};

const AGAINST: readonly (readonly [RegExp, (seen: Seen) => string | null])[] = [
  [/^auth\./, tellKey],
  [/^net\.dns$/, tellName],
  [/^net\.egress_blocked$/, tellBlock],
];

/** What another answer of the same round says against the failure, as a clause; null: nothing. A list that fails alone is told of by itself. */
export const contradictionOf = (branch: Branch, seen: Seen): string | null =>
  isListOnly(seen.mistral) ? null : (AGAINST.find(([branches]) => branches.test(branch))?.[1](seen) ?? null);

/** One model's call did not find a name that the others and the look at the name find: by the next call it is most likely over. */
export const isBlip = (branch: Branch, { mistral, asked }: Seen): boolean =>
  branch === 'net.dns' &&
  asked('dns')?.outcome === 'ok' &&
  mistral.slice(1).some(isOk) &&
  mistral.every((one) => one.outcome !== 'failed' || one.branch === branch);
