import type { Branch } from '../domain/branch.ts';
import type { Advice, Diagnosis } from '../domain/diagnosis.ts';
import type { MitigationKind } from '../domain/lease.ts';

export type PlanContext = {
  readonly standby: 'present' | 'absent' | 'unknown';
  readonly secretId: string;
};

type Rule = { readonly branches: readonly string[]; readonly why: string };

const matches = (rule: Rule, branch: Branch): boolean => rule.branches.some((start) => branch.startsWith(start));
const findWhy = (rules: readonly Rule[], branch: Branch): string | null =>
  rules.find((rule) => matches(rule, branch))?.why ?? null;

/** A key is promoted where Mistral refuses the key itself, and nowhere else. */
const ROTATE_HELPS: readonly Rule[] = [
  {
    branches: ['auth.invalid_key'],
    why: 'Mistral refuses the current key; the standby is tried before it takes over.',
  },
  { branches: ['access.forbidden'], why: 'The current key may lack rights that the standby has; it is tried first.' },
];

const ROTATE_USELESS: readonly Rule[] = [
  { branches: ['config.api_key_malformed'], why: 'The key is stored damaged; store it again rather than change it.' },
  { branches: ['config.'], why: 'The address is wrong, and no key mends an address.' },
  { branches: ['access.', 'billing.'], why: 'A new key belongs to the same plan and is refused in the same way.' },
  { branches: ['net.'], why: 'The key is not the matter: the call does not get through to be judged.' },
  { branches: ['timeout.'], why: 'The key is not the matter: the answer does not come in time.' },
  { branches: ['model'], why: 'Every key sees the same models.' },
  { branches: ['rate.', 'quota.'], why: 'The limit is not that of the key: a new key shares it.' },
  { branches: ['capacity.', 'provider.'], why: 'The failure is on the side of Mistral and meets every key.' },
  { branches: ['content.', 'stream.'], why: 'The key was accepted; it is the answer that is wrong.' },
  { branches: ['request.', 'client.aborted'], why: 'The key was not refused; our own request is at fault.' },
  { branches: ['app.'], why: 'Mistral accepts the key; the fault is in our own service.' },
];

/** The application's other way (another model, another provider, a stored answer) helps while Mistral's answers do not come or do not serve. */
const FALLBACK_HELPS: readonly Rule[] = [
  { branches: ['auth.', 'access.', 'billing.'], why: 'Users are served another way until the account is in order.' },
  {
    branches: ['config.base_url', 'config.wrong_route'],
    why: 'Users are served another way until the address is corrected.',
  },
  { branches: ['net.', 'timeout.'], why: 'Users are served another way while calls to Mistral do not come through.' },
  { branches: ['model'], why: 'Users are served by another model until this one is replaced.' },
  {
    branches: ['quota.period_exhausted'],
    why: 'Users are served another way until the limit is raised, if that way does not use the same organisation.',
  },
  { branches: ['rate.', 'quota.', 'capacity.'], why: 'Another model has a limit and a capacity of its own.' },
  { branches: ['provider.', 'content.', 'stream.'], why: 'Users are served another way until Mistral has recovered.' },
];

const FALLBACK_USELESS: readonly Rule[] = [
  { branches: ['config.api_key_malformed'], why: 'The fallback may use the same damaged key; store it again instead.' },
];

/** What people reach for by habit and what would not help here: told as advice, there is no button for it. */
const HABITS: readonly (Rule & { readonly kind: MitigationKind })[] = [
  {
    kind: 'reduce-concurrency',
    branches: ['quota.zero_for_model'],
    why: 'The limit is zero: fewer requests are still too many, and waiting never helps.',
  },
  {
    kind: 'reduce-concurrency',
    branches: ['quota.period_exhausted'],
    why: 'The period is used up: no pace is slow enough until it begins anew.',
  },
  {
    kind: 'raise-timeout',
    branches: ['net.refused', 'net.dns', 'net.reset'],
    why: 'Nobody is slow: the call fails at once.',
  },
  {
    kind: 'raise-timeout',
    branches: ['rate.', 'quota.', 'capacity.'],
    why: 'The refusal comes at once.',
  },
];

const adviseRotation = (branch: Branch, context: PlanContext): { readonly offer: Advice[]; readonly not: Advice[] } => {
  const kind = 'rotate-key';
  const helps = findWhy(ROTATE_HELPS, branch);
  const useless = findWhy(ROTATE_USELESS, branch);
  if (helps === null) return { offer: [], not: useless === null ? [] : [{ kind, why: useless }] };
  if (context.standby !== 'absent') return { offer: [{ kind, why: helps }], not: [] };
  const why =
    `No standby key is kept in ${context.secretId}: create a key in the Mistral console, store it there as the standby version, ` +
    'then run triage again to get the button.';
  return { offer: [], not: [{ kind, why }] };
};

/**
 * What is worth pressing, best first, and what would be useless, with reasons. Only mitigations that exist are offered.
 * The lists say the same as the list of branches does; a test holds them together.
 */
export const planMitigations = (
  diagnosis: Pick<Diagnosis, 'branch' | 'verdict'>,
  context: PlanContext,
): Pick<Diagnosis, 'mitigations' | 'notOffered'> => {
  const { branch, verdict } = diagnosis;
  if (verdict !== 'problem') return { mitigations: [], notOffered: [] };
  const rotation = adviseRotation(branch, context);
  const fallback = findWhy(FALLBACK_HELPS, branch);
  const noFallback = findWhy(FALLBACK_USELESS, branch);
  const habits = HABITS.filter((habit) => matches(habit, branch)).map(({ kind, why }) => ({ kind, why }));
  return {
    mitigations: [
      ...rotation.offer,
      ...(fallback === null ? [] : [{ kind: 'enable-fallback' as const, why: fallback }]),
    ],
    notOffered: [
      ...rotation.not,
      ...(noFallback === null ? [] : [{ kind: 'enable-fallback' as const, why: noFallback }]),
      ...habits,
    ],
  };
};
