import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { adminSchema, deploymentSourcesSchema, metricsSourcesSchema, statusPageSchema } from './config/sources.ts';
import { ConfigError } from './config-error.ts';
import { MITIGATIONS } from './domain/lease.ts';

// The small build says "Invalid input" to everything until it is given words.
z.config(en());

/** The secret of a service that names none: on AWS the variable of this name says which that is. */
export const DEFAULT_SECRET = 'MISTRAL_SECRET_ID';

const name = z
  .string()
  .check(z.regex(/^[\w][\w.-]{0,62}$/, 'letters, digits, dot, dash and underscore, at most 63 characters'));
/** Anything else would be shown otherwise than it is spelled, and its answers not be found again. Fine-tuned ones, agents and deployments are so, too. */
const modelName = z
  .string()
  .check(
    z.regex(
      /^[a-z0-9][\w.:/@+-]{0,127}$/i,
      'the name of a model as the API spells it: letters, digits and . _ : / @ + -, at most 128 characters',
    ),
  );
const positive = z.number().check(z.positive());
const between = (least: number, most: number, told: string) =>
  z.number().check(z.gte(least, `a number from ${told}`), z.lte(most, `a number from ${told}`));

const minutes = positive.check(z.lte(7 * 24 * 60, 'at most a week, in minutes'));

const DAY_MS = 86_400_000;
/** In milliseconds. The least is for trials; the most is far below what a timer can hold. */
const interval = between(500, DAY_MS, '500 ms to 24 hours');
const STATISTICS = 'Average, Sum, Minimum, Maximum, SampleCount or a percentile as p99';

const words = (most: number) => z.string().check(z.minLength(1), z.maxLength(most));

const metricSchema = z.strictObject({
  /** What the evidence and its chart call it. */
  label: words(100),
  namespace: words(255),
  name: words(255),
  dimensions: z._default(z.record(words(255), words(1_024)), {}),
  statistic: z._default(
    z.string().check(z.regex(/^(?:Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(?:\.\d{1,2})?)$/, STATISTICS)),
    'Average',
  ),
  periodSeconds: z._default(positive.check(z.multipleOf(60, 'a multiple of 60')), 60),
});

/** Structural names only. Whoever logs JSON has some of them. */
const DEFAULT_LOG_FIELDS = [
  '@timestamp level event status statusCode code errorType service model',
  'requestId correlationId traceId attempt durationMs latencyMs',
].flatMap((names) => names.split(' '));

const TELLING =
  /^@(?:message|ptr)$|(?:^|[._-])(?:messages?|msg|prompts?|completions?|contents?|body|text|inputs?|outputs?|headers?|cookie|authorization|password|secret|token|key)$/i;

const logField = z.string().check(
  z.regex(/^[\w@][\w.@-]{0,99}$/, 'the name of a field: letters, digits, dot, dash, underscore and @'),
  z.refine(
    (field) => !TELLING.test(field.replace(/([a-z])([A-Z])/g, '$1_$2')),
    'such a field may hold prompts, answers or secrets, which must never reach evidence; name structural ones, as status or requestId',
  ),
);

const cloudwatchSchema = z.strictObject({
  metrics: z._default(z.array(metricSchema).check(z.maxLength(20)), []),
  logGroups: z._default(z.array(words(512)).check(z.maxLength(10)), []),
  logFields: z._default(z.array(logField).check(z.minLength(1), z.maxLength(30)), DEFAULT_LOG_FIELDS),
});

const serviceSchema = z.strictObject({
  /** As the alerts' `service` label spells it. */
  name,
  environment: z._default(name, 'production'),
  /** Model ids the service calls; the first is the one that recovery is judged by. */
  models: z.array(modelName).check(z.minLength(1, 'at least one model')),
  /** Models that it calls where those do not answer, in their order; the first is tried once a day with one token. */
  fallbackModels: z._default(z.array(modelName), []),
  /** Name of the secret that holds its key; where it is not given, the one that MISTRAL_SECRET_ID names. */
  secretId: z._default(z.string().check(z.minLength(1)), DEFAULT_SECRET),
  healthUrl: z._default(z.nullable(z.url({ protocol: /^https?$/ })), null),
  /** The name in `healthUrl` may lead to a private address. An address that stands there as a number may always. */
  allowPrivate: z._default(z.boolean(), false),
  /** It reads answers as streams: then a stream of one token is asked of each model as well. */
  streams: z._default(z.boolean(), false),
  /** Slack channel of its incidents; the general one where it is not given. */
  channel: z._default(z.nullable(z.string()), null),
  /** What CloudWatch knows of it: goes into the evidence. */
  cloudwatch: z._default(z.nullable(cloudwatchSchema), null),
  /** Where its error rate, latency and request rate are kept. */
  metrics: z._default(z.nullable(metricsSourcesSchema), null),
  /** Who knows when it was deployed, besides those who post to /deployments. */
  deployments: z._default(z.nullable(deploymentSourcesSchema), null),
  /** How the Mistral account calls its key: for the day on which it ends, by the Admin API. */
  adminKeyName: z._default(z.nullable(words(100)), null),
});

const configSchema = z.strictObject({
  services: z.array(serviceSchema).check(z.minLength(1, 'at least one service')),
  /** Who may press mitigations: Slack user ids, and user groups by id or handle. Nobody by default. */
  mayMitigate: z._default(
    z.strictObject({ users: z._default(z.array(z.string()), []), groups: z._default(z.array(z.string()), []) }),
    {
      users: [],
      groups: [],
    },
  ),
  mitigations: z._default(
    z.strictObject({
      fallbackMinutes: z._default(minutes, 60),
      /** Kinds that a second person must approve. */
      needApproval: z._default(z.array(z.enum(MITIGATIONS)), []),
      approvalMinutes: z._default(minutes, 15),
    }),
    { fallbackMinutes: 60, needApproval: [], approvalMinutes: 15 },
  ),
  intervals: z._default(
    z.strictObject({
      /** Between checks of an open incident. */
      recheckMs: z._default(interval, 30_000),
      /** The same while a probe would spend a limited budget. */
      limitedRecheckMs: z._default(interval, 60_000),
      /** Between routine checks, from which GET /health is answered. */
      routineMs: z._default(interval, 60_000),
      /** Without a problem and without a firing alert before an incident resolves itself. */
      quietMs: z._default(interval, 300_000),
      /** A group that fires again within this time reopens its incident. */
      reopenWithinMs: z._default(between(500, 7 * DAY_MS, '500 ms to 7 days'), 1_800_000),
      /** All probes together. */
      probeDeadlineMs: z._default(between(100, 600_000, '100 ms to 10 minutes'), 15_000),
    }),
    {
      recheckMs: 30_000,
      limitedRecheckMs: 60_000,
      routineMs: 60_000,
      quietMs: 300_000,
      reopenWithinMs: 1_800_000,
      probeDeadlineMs: 15_000,
    },
  ),
  statusPage: z._default(z.nullable(statusPageSchema), null),
  admin: z._default(adminSchema, { header: 'x-api-key' }),
  /** Days on which models stop answering, where you know better than Mistral's own word; `retires: null` warns of none. */
  modelEnds: z._default(
    z.record(
      modelName,
      z.strictObject({ retires: z.nullable(z.iso.date()), replacedBy: z._default(z.nullable(modelName), null) }),
    ),
    {},
  ),
  probing: z._default(
    z.strictObject({
      /** What the probes of one service may spend, sent and answered; services with the same key share theirs. A chat of one token costs about 6, every 30 s that is 720. */
      tokensPerHour: z._default(positive, 10_000),
      /** The name in MISTRAL_SERVER_URL may lead to a private address, as that of a gateway does. */
      allowPrivate: z._default(z.boolean(), false),
    }),
    { tokensPerHour: 10_000, allowPrivate: false },
  ),
  retentionDays: z._default(positive, 365),
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;

/** For `triage.config.ts`: typed here, checked by `readConfig` when the program starts. */
export const defineConfig = (config: ConfigInput): ConfigInput => config;

/** `file`: what mistakes are told about, as the reader knows it. */
export const readConfig = (input: unknown, file: string = 'triage.config.ts'): Config => {
  const parsed = z.safeParse(configSchema, input);
  const mistakes = parsed.success
    ? [...repeatedServices(parsed.data, file), ...shortBudgets(parsed.data, file)]
    : parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.') || 'the export'}: ${whyOf(issue)}`);
  if (!parsed.success || mistakes.length > 0) throw new ConfigError(mistakes);
  return parsed.data;
};

/** Of a name that may not be one in a table: why. */
const whyOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;

const repeatedServices = (config: Config, file: string): readonly string[] => {
  const seen = new Set<string>();
  return config.services.flatMap(({ environment, name: service }) => {
    const key = `${environment}/${service}`;
    if (seen.has(key)) return [`${file}: services: ${key} is there twice`];
    seen.add(key);
    return [];
  });
};

/** Five tokens that are sent and one that is answered, for each model, and again for its stream. */
const CHAT_TOKENS = 6;
/** Shorter intervals are for trials, and get what the budget holds. */
const LEAST_INTERVAL_MS = 30_000;

/** At least the routine checks must fit into the hour, or some model would always be without an answer; what incidents ask more often takes turns. */
const shortBudgets = ({ services, probing, intervals }: Config, file: string): readonly string[] =>
  services.flatMap(({ name: service, models, streams }) => {
    const checks = Math.ceil(3_600_000 / Math.max(intervals.routineMs, LEAST_INTERVAL_MS));
    const tokens = new Set(models).size * (streams ? 2 : 1) * CHAT_TOKENS * checks;
    if (tokens <= probing.tokensPerHour) return [];
    return [
      `${file}: probing.tokensPerHour: ${probing.tokensPerHour} cannot hold the routine checks of ${service}, which take ${tokens}; raise it, or intervals.routineMs, or name fewer models`,
    ];
  });
