import * as z from 'zod/mini';

/** Where facts about a service are kept by others. Addresses are named here and nowhere else. */

const words = (most: number) => z.string().check(z.minLength(1), z.maxLength(most));

/** The configuration goes into evidence as it is, so a password in an address would, too. */
const address = z.url({ protocol: /^https?$/ }).check(
  z.refine((text) => {
    const url = URL.parse(text);
    return url === null || (url.username === '' && url.password === '');
  }, 'no user and no password in an address: it is kept with evidence'),
);

/** Whether names may lead to private networks. Metadata addresses are asked never. */
const allowPrivate = z._default(z.boolean(), false);

const variable = z.string().check(z.regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'the name of an environment variable'));

const query = words(4_000);

const prometheusSchema = z.strictObject({
  /** Up to and without `/api/v1`. */
  url: address,
  allowPrivate,
  /** Label matchers without braces; `service="<name>"` where it is not given. */
  selector: z._default(z.nullable(z.string().check(z.maxLength(500))), null),
  /** The variable whose value is sent: a Bearer token, or with `Basic ` in front what stands behind it. */
  tokenVariable: z._default(z.nullable(variable), null),
  /** PromQL of one number each, in place of ours. */
  queries: z._default(
    z.strictObject({
      requestsPerMinute: z.optional(query),
      /** From 0 to 1. */
      failingShare: z.optional(query),
      p95Ms: z.optional(query),
    }),
    {},
  ),
});

const cloudwatchSchema = z.strictObject({
  namespace: z._default(words(255), 'Mistral/Guard'),
  /** `service` and `environment` where they are not given. */
  dimensions: z._default(z.nullable(z.record(words(255), words(1_024))), null),
});

const logsSchema = z.strictObject({
  groups: z.array(words(512)).check(z.minLength(1), z.maxLength(10)),
  /** Of one line per call: the HTTP status, or a word for what came instead. */
  statusField: z._default(
    z
      .string()
      .check(z.regex(/^[\w@][\w.@-]{0,99}$/, 'the name of a field: letters, digits, dot, dash, underscore and @')),
    'status',
  ),
});

const WINDOW_MINUTES = 5;

/** Error rate, latency and request rate. Asked in this order; the first that answers speaks. */
export const metricsSourcesSchema = z.strictObject({
  windowMinutes: z._default(z.int().check(z.gte(1), z.lte(30)), WINDOW_MINUTES),
  prometheus: z._default(z.nullable(prometheusSchema), null),
  cloudwatch: z._default(z.nullable(cloudwatchSchema), null),
  /** Counted when the metrics do not answer. */
  logs: z._default(z.nullable(logsSchema), null),
});

const dnsLabel = z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]{0,252}$/, 'a name as Kubernetes has them'));
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const kubernetesSchema = z.strictObject({
  url: z._default(address, 'https://kubernetes.default.svc'),
  /** Inside the cluster its own address is a private one. */
  allowPrivate: z._default(z.boolean(), true),
  namespace: dnsLabel,
  deployment: dnsLabel,
  /** Whose image tells the version; the first where it is not given. */
  container: z._default(z.nullable(dnsLabel), null),
  tokenFile: z._default(words(500), `${SERVICE_ACCOUNT}/token`),
  /** null: the certificates of the system. */
  caFile: z._default(z.nullable(words(500)), `${SERVICE_ACCOUNT}/ca.crt`),
});

const lambdaName = (most: number) =>
  z.string().check(z.regex(/^[\w-]+$/, 'letters, digits, dash and underscore'), z.maxLength(most));

const lambdaSchema = z.strictObject({ functionName: lambdaName(64), alias: lambdaName(128) });

/** A line of a version and a time, or `{"version","at"}`. */
const releaseNoteSchema = z.union([
  z.strictObject({ path: words(1_000) }),
  z.strictObject({ url: address, allowPrivate }),
]);

/** What went out last: each of these, beside what `POST /deployments` told; the newest counts. */
export const deploymentSourcesSchema = z.strictObject({
  kubernetes: z._default(z.nullable(kubernetesSchema), null),
  lambda: z._default(z.nullable(lambdaSchema), null),
  releaseNote: z._default(z.nullable(releaseNoteSchema), null),
});

/** The provider's own page: evidence only, never a reason. */
export const statusPageSchema = z.strictObject({
  /** Of the page's JSON, as https://status.example.com/api/v1/status.json. */
  url: address,
  format: z.enum(['statuspage', 'checkly', 'rootly']),
  allowPrivate,
});

/** Mistral's Admin API, asked only where MISTRAL_ADMIN_KEY is there. */
export const adminSchema = z.strictObject({
  /** In which header the key goes: the guide says the first, the API description the second. */
  header: z._default(z.enum(['x-api-key', 'bearer']), 'x-api-key'),
});
