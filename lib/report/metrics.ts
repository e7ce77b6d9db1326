type Fields = Readonly<Record<string, string | number | boolean | null>>;

type Unit = 'Count' | 'Milliseconds';

type Rule = {
  readonly event: string;
  readonly metric: string;
  readonly unit: Unit;
  /** The field that holds the value; null: each event counts one. */
  readonly field: string | null;
};

const NAMESPACE = 'MistralTriage';

/** Events that are metrics as well. Ten in all at most: beyond ten, CloudWatch takes 0.30 USD a month for each. */
const RULES: readonly Rule[] = [
  { event: 'alerts.accepted', metric: 'AlertsAccepted', unit: 'Count', field: 'accepted' },
  { event: 'alerts.not-stored', metric: 'AlertsNotStored', unit: 'Count', field: null },
  { event: 'slack.click-not-stored', metric: 'ClicksNotStored', unit: 'Count', field: null },
  { event: 'job.failed', metric: 'JobsFailed', unit: 'Count', field: null },
  { event: 'clock.ticked', metric: 'Heartbeat', unit: 'Count', field: null },
  { event: 'message.told', metric: 'NotifyLatency', unit: 'Milliseconds', field: 'latencyMs' },
];

export type MetricMembers = Readonly<Record<string, unknown>>;

/**
 * What the log line of an event has to hold besides, in the embedded metric format, so that CloudWatch makes a metric of it; nothing for
 * an event that is none, or whose value is no finite number. `stage`: the one dimension.
 */
export const metricMembers = (
  event: string,
  fields: Fields,
  { stage, nowMs }: { readonly stage: string; readonly nowMs: number },
): MetricMembers => {
  const rule = RULES.find((one) => one.event === event);
  if (rule === undefined) return {};
  const { metric, unit, field } = rule;
  const value = field === null ? 1 : fields[field];
  if (typeof value !== 'number' || !Number.isFinite(value)) return {};
  const directive = { Namespace: NAMESPACE, Dimensions: [['stage']], Metrics: [{ Name: metric, Unit: unit }] };
  return { _aws: { Timestamp: nowMs, CloudWatchMetrics: [directive] }, stage, [metric]: value };
};
