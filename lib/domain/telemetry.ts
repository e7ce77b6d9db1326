/** One metric over a time, as a monitoring service kept it. */
export type MetricSeries = {
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  /** Each point stands for this long from its time on. */
  readonly periodSeconds: number;
  /** Oldest first; `at` in ISO 8601 UTC. A time without a point is a time without data, not a zero. */
  readonly points: readonly { readonly at: string; readonly value: number }[];
  /** The service said that these are all points there are. */
  readonly isComplete: boolean;
};

/** Lines of logs, as named fields: never a message, which may hold a prompt. */
export type LogLines = {
  readonly logGroups: readonly string[];
  /** What was asked for; a line has those of them that it was written with. */
  readonly fields: readonly string[];
  /** Oldest first. */
  readonly lines: readonly Readonly<Record<string, string>>[];
  /** There were more: these are the newest. */
  readonly isCut: boolean;
};
