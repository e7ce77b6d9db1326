/**
 * List prices of us-east-1 in USD, as of 2026-11-20. AWS's own price pages are drawn by scripts and are not in the archive that this was
 * checked against, so most sources are pages that quote them; where two agree, one is named. Other regions cost up to a quarter more.
 */
export const PRICED_AT = '2026-11-20';
export const REGION = 'us-east-1';

type Price = {
  readonly what: string;
  /** For one. */
  readonly usd: number;
  /** Of these, a month, without an end after twelve months. */
  readonly free: number;
  readonly source: string;
};

const MILLION = 1_000_000;
const CLOUDWATCH = 'aws.amazon.com/cloudwatch/pricing (free), cloudburn.io/blog/amazon-cloudwatch-pricing, 2026-02';

export const PRICES = {
  httpApiRequests: {
    what: 'HTTP API requests',
    usd: 1 / MILLION,
    // The million that is free ends with the account's first year.
    free: 0,
    source: 'docs.aws.amazon.com, whitepaper "API Gateway private APIs", cost optimization',
  },
  lambdaRequests: {
    what: 'Lambda requests',
    usd: 0.2 / MILLION,
    free: MILLION,
    source: 'docs.aws.amazon.com quoted by appropri8-astro.pages.dev, 2025-12',
  },
  lambdaGbSeconds: {
    what: 'Lambda GB-seconds, arm64',
    usd: 0.000_013_333_4,
    free: 400_000,
    source: 'git.mcrn.ar/mariano/lambda_local_runner, lambda-13-cost.md',
  },
  sqsRequests: {
    what: 'SQS requests of 64 kB',
    usd: 0.4 / MILLION,
    free: MILLION,
    source: 'factualminds.com/blog/amazon-sqs-pricing-64kb-rule-fifo-vs-standard, 2026-06',
  },
  writeUnits: {
    what: 'DynamoDB write units',
    usd: 0.625 / MILLION,
    free: 0,
    source: 'airbyte.com/data-engineering-resources/dynamodb-pricing, 2025-07',
  },
  readUnits: {
    what: 'DynamoDB read units',
    usd: 0.125 / MILLION,
    free: 0,
    source: 'airbyte.com/data-engineering-resources/dynamodb-pricing, 2025-07',
  },
  secrets: {
    what: 'secrets',
    usd: 0.4,
    free: 0,
    source: 'hivebook.wiki, AWS Secrets Manager',
  },
  secretCalls: {
    what: 'Secrets Manager calls',
    usd: 0.05 / 10_000,
    free: 0,
    source: 'hivebook.wiki, AWS Secrets Manager',
  },
  kmsCalls: {
    what: "KMS calls, of the account's own aws/ keys",
    usd: 0.03 / 10_000,
    free: 20_000,
    source: 'cloudburn.io/blog/aws-kms-pricing, 2026-03 (the free ones); the price from memory',
  },
  s3Puts: {
    what: 'S3 PUT requests',
    usd: 0.005 / 1_000,
    free: 0,
    source: 'not checked',
  },
  logBytes: {
    what: 'bytes of logs',
    usd: 0.5 / 1_000_000_000,
    free: 5_000_000_000,
    source: CLOUDWATCH,
  },
  alarms: { what: 'alarms', usd: 0.1, free: 10, source: CLOUDWATCH },
  metrics: { what: 'custom metrics', usd: 0.3, free: 10, source: CLOUDWATCH },
  schedules: {
    what: 'calls of the schedule',
    usd: 1 / MILLION,
    free: 14 * MILLION,
    source: 'not checked',
  },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

/** How many of what; what is absent is none. */
export type Usage = Readonly<Partial<Record<PriceName, number>>>;

const NAMES = Object.keys(PRICES).filter((name): name is PriceName => name in PRICES);

/** USD by name, without those that cost nothing. `isFree`: after what is free each month. */
export const costsOf = (usage: Usage, { isFree = false } = {}): Readonly<Partial<Record<PriceName, number>>> =>
  Object.fromEntries(
    NAMES.map((name) => {
      const { usd, free } = PRICES[name];
      return [name, Math.max(0, (usage[name] ?? 0) - (isFree ? free : 0)) * usd] as const;
    }).filter(([, usd]) => usd > 0),
  );

export const sumOf = (costs: Readonly<Partial<Record<PriceName, number>>>): number =>
  Object.values(costs).reduce((sum, usd) => sum + usd, 0);

export const combine = (count: (name: PriceName) => number): Usage =>
  Object.fromEntries(NAMES.map((name) => [name, count(name)]));
