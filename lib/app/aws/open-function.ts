import ownConfig from '../../../triage.config.ts';
import type { AwsAccess } from '../../adapters/aws/clients.ts';
import { openJobs } from '../../adapters/aws/jobs.ts';
import { createSignedCall, type SignedCall } from '../../adapters/aws/signed-request.ts';
import { openStore } from '../../adapters/aws/store.ts';
import { createIds, systemClock, systemWait } from '../../adapters/system.ts';
import { type Config, DEFAULT_SECRET, readConfig } from '../../config.ts';
import type { FlowSettings, Parts } from '../../flows/parts.ts';
import { settingsOf } from '../settings.ts';
import { ABSENT } from './absent.ts';
import { type LambdaEnvironment, type LambdaVariable, queueUrls } from './environment.ts';
import { lambdaLog } from './log.ts';
import { createNudged, type Nudged } from './nudged.ts';
import { putOnce } from './put-once.ts';
import { scheduled } from './scheduled.ts';

/** What the four functions behind the queues and the clock have in common. */
export type OpenedFunction = {
  readonly parts: Parts;
  /** As configured. */
  readonly services: Config['services'];
  readonly config: Config;
  /** `channel`: of incidents whose service has none of its own. */
  readonly settingsFor: (channel: string) => FlowSettings;
  readonly call: SignedCall;
  readonly access: AwsAccess;
  readonly nudged: Nudged;
};

type Variables = Readonly<Record<string, string | undefined>>;
/** What each of them is given. */
export type WorkVariable = Extract<
  LambdaVariable,
  'STAGE' | 'TABLE_NAME' | 'JOBS_QUEUE_URL' | 'TRIAGE_QUEUE_URL' | 'MITIGATE_QUEUE_URL'
>;

export const WORK_VARIABLES = [
  'STAGE',
  'TABLE_NAME',
  'JOBS_QUEUE_URL',
  'TRIAGE_QUEUE_URL',
  'MITIGATE_QUEUE_URL',
] as const satisfies readonly WorkVariable[];

/** Of one call, all its tries included; what still fails comes again with its job. */
const CALL_LIMIT_MS = 5_000;
const CALL_TRIES = 3;

/** Only who speaks with Slack knows a channel, opens incidents and tells. */
const NO_CHANNEL = '';

/** Throws `ConfigError` with every mistake of triage.config.ts. */
export const openFunction = (variables: Variables, environment: LambdaEnvironment<WorkVariable>): OpenedFunction => {
  const config = readConfig(ownConfig);
  const secretId = (configured: string): string =>
    configured === DEFAULT_SECRET ? variables[DEFAULT_SECRET] || configured : configured;
  const settingsFor = (channel: string) => scheduled(settingsOf(config, { channel, secretId, keysLiveIn: 'aws' }));
  const access = { credentials: () => Promise.resolve(credentialsIn(variables)) };
  const call = createSignedCall({ variables, limitMs: CALL_LIMIT_MS, tries: CALL_TRIES });
  const nudged = createNudged();
  const parts: Parts = {
    ...ABSENT,
    telemetry: null,
    store: openStore({ call, table: environment('TABLE_NAME'), clock: systemClock }),
    jobs: putOnce(openJobs(call, queueUrls(environment)), systemClock),
    clock: systemClock,
    ids: createIds(),
    wait: systemWait,
    log: lambdaLog,
    checkpoint: () => Promise.resolve(),
    settings: settingsFor(NO_CHANNEL),
    configuration: { ...config, slack: 'configured', mistral: 'configured' },
    nudge: nudged.add,
  };
  return { parts, services: config.services, config, settingsFor, call, access, nudged };
};

/** The role's, which Lambda puts into the environment of the process and renews by starting another. */
const credentialsIn = (variables: Variables) => ({
  accessKeyId: variables['AWS_ACCESS_KEY_ID'] ?? '',
  secretAccessKey: variables['AWS_SECRET_ACCESS_KEY'] ?? '',
  ...(variables['AWS_SESSION_TOKEN'] ? { sessionToken: variables['AWS_SESSION_TOKEN'] } : {}),
});
