import type { Telemetry, TelemetryQuestion } from '../../ports/telemetry.ts';
import type { Clock, Wait } from '../../ports/world.ts';
import type { CloudwatchMetric, CloudwatchSource } from './cloudwatch-source.ts';
import { readLogs } from './read-logs.ts';
import { drawMetrics, readMetrics } from './read-metrics.ts';
import type { SignedCall } from './signed-request.ts';

type TelemetryWorld = {
  readonly call: SignedCall;
  readonly clock: Clock;
  readonly wait: Wait;
  /** What is configured, `cloudwatch` being null where a service has nothing there. */
  readonly services: readonly {
    readonly environment: string;
    readonly name: string;
    readonly cloudwatch: CloudwatchSource | null;
  }[];
};

/**
 * CloudWatch's metrics and logs, without the SDK: its two clients would be 128 kB of a bundle, for four calls that few jobs make. Needs
 * GetMetricData, GetMetricWidgetImage and GetQueryResults, for which AWS knows no resource, and StartQuery on the groups. Throws `AwsError`.
 */
export const createTelemetry = ({ call, clock, wait, services }: TelemetryWorld): Telemetry => {
  const sourceOf = ({ environment, service }: TelemetryQuestion): CloudwatchSource | null =>
    services.find((one) => one.environment === environment && one.name === service)?.cloudwatch ?? null;
  const metricsOf = (question: TelemetryQuestion): readonly CloudwatchMetric[] => sourceOf(question)?.metrics ?? [];
  return {
    metrics: async (question) => {
      const metrics = metricsOf(question);
      return metrics.length === 0 ? null : readMetrics(call, metrics, { question, nowMs: clock.nowMs() });
    },
    picture: async (question) => {
      const metrics = metricsOf(question);
      return metrics.length === 0 ? null : drawMetrics(call, metrics, { question, nowMs: clock.nowMs() });
    },
    logs: async (question) => {
      const source = sourceOf(question);
      if (source === null || source.logGroups.length === 0) return null;
      return readLogs(call, source, question, { clock, wait });
    },
  };
};
