/** Where and as whom the SDK's clients call. Absent members are read by the SDK itself, from the environment and its files. */
export type AwsAccess = {
  readonly region?: string;
  /** On Lambda the role's, from the environment: the SDK would load every way to find some. */
  readonly credentials?: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }>;
  /** How long one try may take. */
  readonly requestLimitMs?: number;
};

const CONNECT_LIMIT_MS = 1_000;
const REQUEST_LIMIT_MS = 5_000;

/** Tries in all; between them the SDK waits with jitter. What still fails is tried again by whoever has the job. */
const ATTEMPTS = 3;

/** Settings of every client. Addresses come from `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`, which the SDK reads. */
export const clientSettings = ({ requestLimitMs = REQUEST_LIMIT_MS, ...access }: AwsAccess) => ({
  ...access,
  maxAttempts: ATTEMPTS,
  // Without the last member the SDK only prints a warning, and a request that hangs goes on.
  requestHandler: {
    connectionTimeout: CONNECT_LIMIT_MS,
    requestTimeout: requestLimitMs,
    throwOnRequestTimeout: true,
  },
});
