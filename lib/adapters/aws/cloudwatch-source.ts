/** A metric of CloudWatch, as `triage.config.ts` names it. */
export type CloudwatchMetric = {
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount` or a percentile, `p99`. */
  readonly statistic: string;
  /** A multiple of 60. */
  readonly periodSeconds: number;
};

/** Where CloudWatch knows something of a service. */
export type CloudwatchSource = {
  readonly metrics: readonly CloudwatchMetric[];
  readonly logGroups: readonly string[];
  readonly logFields: readonly string[];
};
