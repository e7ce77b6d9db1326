import type { LogLines, MetricSeries } from '../domain/telemetry.ts';

/** What is asked about: one service, from one time to another (milliseconds since 1970). */
export type TelemetryQuestion = {
  readonly environment: string;
  readonly service: string;
  readonly fromMs: number;
  readonly toMs: number;
};

/**
 * What a monitoring service knows of one of our services. null: nothing is configured for it. Each answers within half a minute or rejects with
 * an error whose message may be shown: the names of the service, the call and the failure, never what was sent.
 */
export type Telemetry = {
  readonly metrics: (question: TelemetryQuestion) => Promise<readonly MetricSeries[] | null>;
  /** The same metrics drawn, as a PNG. */
  readonly picture: (question: TelemetryQuestion) => Promise<Uint8Array | null>;
  readonly logs: (question: TelemetryQuestion) => Promise<LogLines | null>;
};
