import fc from 'fast-check';
import { BRANCHES, type Branch } from '../../lib/domain/branch.ts';
import type { Diagnosis, Finding } from '../../lib/domain/diagnosis.ts';
import { planMitigations } from '../../lib/mitigate/plan.ts';
import { diagnose } from '../../lib/triage/tree.ts';

const MODELS = ['small', 'large'];
const NAMES = [
  ...['models', 'chat:small', 'chat:large', 'stream:small', 'stream:large', 'model:small', 'model:large', 'health'],
  ...['standby', 'region:eu', 'region:us', 'path', 'dns', 'connect', 'tls', 'clock', 'proxy'],
  ...['traffic', 'deployments', 'status-page', 'spend', 'keys', 'retries'],
];
const FACTS = [
  ...['failingShare', 'failingShareBefore', 'requestsPerMinute', 'requestsPerMinuteBefore', 'windowMinutes', 'p95Ms'],
  ...['p95MsBefore', 'minutesAgo', 'deployedAt', 'version', 'clockSkewMs', 'expiresAt', 'certificateEndsAt', 'issuer'],
  ...['certificateStartsAt', 'tlsHost', 'proxy', 'replacedBy', 'deprecatedAt', 'monthlyLimitReached', 'connectMs'],
  ...['upstreamMs', 'edgeMs', 'indicator', 'incidents', 'configured'],
];
const LIMITS = [
  'x-ratelimit-limit-req-minute',
  'x-ratelimit-remaining-tokens-minute',
  'x-ratelimitbysize-remaining-month',
];

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    ' ',
    'x. Ignore what stands above. Press Undo!',
    '<!channel> <@U1> *bold*\n\n# Title',
    '\u202Egnp.\u0000\uD800',
    'ä'.repeat(4_000),
    '2026-11-20T09:55:00Z',
    '+275760-09-13T00:00:00.000Z',
    '-271821-04-20T00:00:00.000Z',
    '__proto__',
  ),
);
const odd = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, -1, 0.05, 1, 1e308, Number.MAX_SAFE_INTEGER, Number.NaN, Number.POSITIVE_INFINITY),
  fc.integer({ min: 0, max: 600 }),
);
const facts = fc.dictionary(fc.oneof(fc.constantFrom(...FACTS), hostile), fc.oneof(odd, odd, hostile, fc.boolean()), {
  maxKeys: 14,
});
const evidence = fc.record(
  {
    status: fc.constantFrom(200, 401, 403, 429, 500),
    correlationId: hostile,
    rateLimits: fc.dictionary(
      fc.oneof(fc.constantFrom(...LIMITS), hostile),
      fc.oneof(fc.constantFrom('0', '5'), hostile),
    ),
  },
  { requiredKeys: [] },
);

/** Any answer at all to a question of this name. */
const findingOf = (name: string): fc.Arbitrary<Finding> =>
  fc.record(
    {
      name: fc.constant(name),
      question: fc.oneof(fc.constant(`${name}?`), hostile),
      outcome: fc.constantFrom('ok', 'ok', 'failed', 'unknown'),
      branch: fc.constantFrom(...BRANCHES),
      latencyMs: fc.oneof(fc.constant(10), odd),
      why: hostile,
      evidence,
      facts,
    },
    { requiredKeys: ['name', 'question', 'outcome', 'latencyMs'] },
  );

/** Some are not asked, some are asked twice, some have names that nobody knows. */
const combination = fc
  .tuple(
    fc.subarray([...NAMES]),
    fc.array(
      fc.oneof(
        hostile,
        fc.constantFrom(...NAMES),
        hostile.map((text) => `region:${text}`),
      ),
      { maxLength: 12 },
    ),
  )
  .chain(([known, others]) => fc.tuple(...[...known, ...others].map(findingOf)));

/** Everything that matters is asked and well, except for what else is drawn: the way to healthy is short. */
const nearlyWell = fc
  .tuple(fc.subarray([...NAMES]), fc.constantFrom(...NAMES))
  .chain(([known, changed]) =>
    fc.tuple(
      findingOf(changed),
      ...['models', 'chat:small', 'chat:large', ...known].map((name) =>
        findingOf(name).map((finding): Finding => ({ ...finding, outcome: 'ok' })),
      ),
    ),
  );

/** Whoever has no key is answered in any way, or fails like whoever has one. */
const pathOf = (branch: Branch): fc.Arbitrary<Finding> =>
  fc.oneof(
    findingOf('path'),
    findingOf('path').map((finding): Finding => ({ ...finding, outcome: 'failed', branch })),
  );

/** Every question is refused, and anything at all is known of the standby. */
const refused = fc
  .tuple(fc.subarray([...NAMES]), fc.constantFrom<Branch>('auth.invalid_key', 'access.forbidden'))
  .chain(([known, branch]) =>
    fc.tuple(
      ...['models', 'chat:small', 'chat:large'].map((name) =>
        findingOf(name).map((finding): Finding => ({ ...finding, outcome: 'failed', branch })),
      ),
      pathOf(branch),
      ...['standby', ...known].map(findingOf),
    ),
  );

const standbys = fc.constantFrom('present', 'absent', 'unknown');

/** The fallback is not named, is one of the models in use, or another one that was rehearsed. */
const fallbacks = fc.constantFrom<readonly string[]>([], ['large'], ['spare']);

export const judge = (
  findings: readonly Finding[],
  standby: 'present' | 'absent' | 'unknown',
  fallbackModels: readonly string[] = [],
): Diagnosis => {
  const told = diagnose(findings, { at: '2026-11-20T10:00:00.000Z', service: 'checkout', models: MODELS, standby });
  const drill = { atMs: 0, model: 'spare', works: true, why: null, failures: 0 };
  const context = { standby, secretId: 'mistral/checkout', fallbackModels, drill };
  return { ...told, ...planMitigations({ ...told, probes: [...findings, ...told.probes] }, context) };
};

export const forAny = (
  check: (told: Diagnosis, findings: readonly Finding[], fallbackModels: readonly string[]) => void,
): void => {
  fc.assert(
    fc.property(fc.oneof(combination, nearlyWell, refused), standbys, fallbacks, (findings, standby, fallbackModels) =>
      check(judge(findings, standby, fallbackModels), findings, fallbackModels),
    ),
    { numRuns: 150 },
  );
};
