/** Expressions for one number each, in PromQL; null: not asked. */
export type TrafficQueries = {
  readonly requestsPerMinute: string;
  readonly failingShare: string;
  readonly p95Ms: string;
};

type Names = {
  /** Counter of requests. */
  readonly requests: string;
  /** Those of them that failed, as a label matcher, and how it is seen that the label is there at all. */
  readonly failing?: { readonly matcher: string; readonly isTold: string };
  /** Counter of failures, where they are counted apart. */
  readonly failures?: string;
  readonly buckets: string;
  readonly unitMs: number;
};

/** Metric families that are read without configuration, in this order: our guard's, OpenTelemetry's for GenAI, LiteLLM's. */
const FAMILIES: readonly Names[] = [
  {
    requests: 'mistral_requests_total',
    failing: { matcher: 'status!~"[123]..|ok|success|"', isTold: 'status!=""' },
    buckets: 'mistral_request_duration_seconds_bucket',
    unitMs: 1_000,
  },
  {
    requests: 'mistral_requests_total',
    failures: 'mistral_errors_total',
    buckets: 'mistral_request_duration_ms_bucket',
    unitMs: 1,
  },
  {
    requests: 'gen_ai_client_operation_duration_seconds_count',
    failing: { matcher: 'error_type!=""', isTold: '' },
    buckets: 'gen_ai_client_operation_duration_seconds_bucket',
    unitMs: 1_000,
  },
  ...['', '_total'].map((end) => ({
    requests: `litellm_deployment_total_requests${end}`,
    failures: `litellm_deployment_failure_responses${end}`,
    buckets: 'litellm_llm_api_latency_metric_bucket',
    unitMs: 1_000,
  })),
];

const join = (...matchers: readonly string[]): string => `{${matchers.filter(Boolean).join(',')}}`;

const writeFamily = ({ requests, failing, failures, buckets, unitMs }: Names, selector: string, window: string) => {
  const rate = (metric: string, ...more: readonly string[]): string =>
    `sum(rate(${metric}${join(selector, ...more)}[${window}]))`;
  // No failure has no series: then it is none of those that are counted, and not known where none is.
  const failed =
    failing === undefined
      ? rate(failures ?? requests)
      : `(${rate(requests, failing.matcher)} or 0 * ${rate(requests, failing.isTold)})`;
  return {
    requestsPerMinute: `60 * ${rate(requests)}`,
    failingShare: `${failed} / ${rate(requests)}`,
    p95Ms: `${unitMs} * histogram_quantile(0.95, sum by (le) (rate(${buckets}${join(selector)}[${window}])))`,
  };
};

const KEYS = ['requestsPerMinute', 'failingShare', 'p95Ms'] as const;

/**
 * What is asked where nothing else is configured: the first family that has an answer. `selector`: label matchers without braces, as
 * `service="chat-api"`; labels beyond it are not assumed.
 */
export const defaultQueries = (selector: string, windowMinutes: number): TrafficQueries => {
  const families = FAMILIES.map((names) => writeFamily(names, selector, `${windowMinutes}m`));
  const [requestsPerMinute, failingShare, p95Ms] = KEYS.map((key) =>
    [...new Set(families.map((family) => `(${family[key]})`))].join(' or '),
  );
  return { requestsPerMinute: requestsPerMinute ?? '', failingShare: failingShare ?? '', p95Ms: p95Ms ?? '' };
};
