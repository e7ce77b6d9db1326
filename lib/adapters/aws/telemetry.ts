import type { Telemetry, TelemetryQuestion } from '../../ports/telemetry.ts';
import type { Clock, Wait } from '../../ports/world.ts';
import type { AwsAccess } from './clients.ts';
import type { CloudwatchSource } from './cloudwatch-source.ts';

type TelemetryWorld = {
  readonly access?: AwsAccess;
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
 * CloudWatch's metrics and logs. Needs GetMetricData and GetMetricWidgetImage (for which AWS knows no resource), StartQuery and
 * GetQueryResults. The clients are loaded when something is asked: few jobs do. Throws `AwsError`.
 */
export const createTelemetry = ({ access = {}, clock, wait, services }: TelemetryWorld): Telemetry => {
  const sourceOf = ({ environment, service }: TelemetryQuestion): CloudwatchSource | null =>
    services.find((one) => one.environment === environment && one.name === service)?.cloudwatch ?? null;

  const metricsOf = (question: TelemetryQuestion) => {
    const metrics = sourceOf(question)?.metrics ?? [];
    return metrics.length === 0 ? null : metrics;
  };

  return {
    metrics: async (question) => {
      const metrics = metricsOf(question);
      if (metrics === null) return null;
      const { openMetrics, readMetrics } = await import('./read-metrics.ts');
      return readMetrics(openMetrics(access), metrics, { question, nowMs: clock.nowMs() });
    },
    picture: async (question) => {
      const metrics = metricsOf(question);
      if (metrics === null) return null;
      const { openMetrics, drawMetrics } = await import('./read-metrics.ts');
      return drawMetrics(openMetrics(access), metrics, { question, nowMs: clock.nowMs() });
    },
    logs: async (question) => {
      const source = sourceOf(question);
      if (source === null || source.logGroups.length === 0) return null;
      const { openLogs, readLogs } = await import('./read-logs.ts');
      return readLogs(openLogs(access), source, question, { clock, wait });
    },
  };
};
