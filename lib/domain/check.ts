/** The last routine check, from which GET /health is answered. */
export type RoutineCheck = {
  readonly checkedAt: string;
  readonly intervalMs: number;
  readonly services: Readonly<
    Record<
      string,
      {
        readonly status: 'healthy' | 'degraded' | 'unhealthy';
        readonly latencyMs: number;
        readonly model?: string;
        readonly error?: string;
      }
    >
  >;
};

/** An authenticated body that could not be understood: kept as it came, told to the owner. */
export type Quarantine = {
  readonly id: string;
  readonly source: string;
  readonly integration: string;
  readonly acceptedAt: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly why: string;
};
