import { type Branch, isOfLimit } from '../domain/branch.ts';
import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import { lateMsIn, momentFact, textFact } from '../domain/finding-facts.ts';
import { nameIn } from '../domain/plain-text.ts';
import { readWindows } from './limits.ts';
import { dayOf, listNames, sentence } from './say.ts';
import { BRANCH_WORDS } from './words.ts';

const MOST_BESIDES = 2;
const MOST_LIMITS = 2;

/** Whose fault it is inside our house is nobody else's business. */
const tellKind = (branch: Branch): string =>
  branch.startsWith('app.') ? 'no test call failed' : BRANCH_WORDS[branch].what;

type Row = NonNullable<Diagnosis['matrix']>[number];

const tellModels = (branch: Branch, matrix: readonly Row[]): string => {
  const named = (rows: readonly Row[]): string => listNames(rows.map(({ model }) => model));
  const hurt = matrix.filter((row) => row.outcome === 'failed' && row.branch === branch);
  const well = matrix.filter(({ outcome }) => outcome === 'ok');
  if (hurt.length === 0) return '';
  if (well.length === 0) return ` (${named(hurt)})`;
  return ` (${named(hurt)}; ${named(well)} ${well.length === 1 ? 'answers' : 'answer'})`;
};

const findingsOn = ({ probes }: Diagnosis, kind: RegExp, model: string): readonly Finding[] =>
  probes.filter(({ name }) => kind.test(name) && name.slice(name.indexOf(':') + 1) === model);

/** What Mistral itself told of the model: its card, and the numbers of its limits. Nothing else of the evidence is told. */
const cluesOn = (diagnosis: Diagnosis, model: string): readonly string[] => {
  if (diagnosis.branch.startsWith('model.'))
    return findingsOn(diagnosis, /^model:/, model).flatMap((card) => {
      const name = textFact(card, 'replacedBy');
      const endMs = momentFact(card, 'deprecatedAt');
      return [
        ...(name === null ? [] : [`its card names ${nameIn(name)} as the replacement`]),
        ...(endMs === null ? [] : [`its card says that it is deprecated on ${dayOf(endMs)}`]),
      ];
    });
  if (!isOfLimit(diagnosis.branch)) return [];
  return findingsOn(diagnosis, /^(?:chat|stream):/, model)
    .flatMap(({ evidence }) => readWindows(evidence))
    .flatMap(({ limit, remaining, kind, window }) =>
      limit === null
        ? []
        : [`the limit is ${limit} ${kind} a ${window}${remaining === null ? '' : `, of which ${remaining} are left`}`],
    )
    .slice(0, MOST_LIMITS);
};

/**
 * The cause as the provider may read it: the words of its branch, models, and what Mistral told itself. It is written anew and not cut out
 * of the cause that we read, which names keys, hosts, proxies and deploys of ours.
 */
export const tellOutside = (diagnosis: Diagnosis): string => {
  const { branch, matrix = [] } = diagnosis;
  const hurt = matrix.filter((row) => row.outcome === 'failed' && row.branch === branch).map(({ model }) => model);
  const clues = [...new Set(hurt.flatMap((model) => cluesOn(diagnosis, model)))].slice(0, 2 * MOST_LIMITS);
  const others = new Set(
    matrix.flatMap((row) => (row.branch === undefined || row.branch === branch ? [] : row.branch)),
  );
  const besides = [...others].slice(0, MOST_BESIDES).map((other) => `besides, ${tellKind(other)}`);
  const isLate = branch === 'timeout.headers' && lateMsIn(diagnosis.probes) !== null;
  const kind = isLate ? 'one token takes longer than people wait' : tellKind(branch);
  return sentence([`${kind}${tellModels(branch, matrix)}`, ...clues, ...besides].join('; '));
};
