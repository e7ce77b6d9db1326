import type { QueueWork } from '../../../functions/queue.ts';
import { openDocuments } from '../../adapters/aws/documents.ts';
import { createSecretReader } from '../../adapters/aws/secret-reader.ts';
import { createTelemetry } from '../../adapters/aws/telemetry.ts';
import { createSlackChat } from '../../adapters/slack/chat.ts';
import { systemClock, systemWait } from '../../adapters/system.ts';
import { ConfigError } from '../../config-error.ts';
import type { Environment } from '../../environment.ts';
import { handleWorkerJob } from '../../flows/handle-worker-job.ts';
import type { Parts } from '../../flows/parts.ts';
import { tellNudged } from '../../flows/tell-nudged.ts';
import { createHeldKeys, type HeldKeys } from '../held-keys.ts';
import { readLambdaEnvironment } from './environment.ts';
import { openAppSecret } from './open-app-secret.ts';
import { type OpenedFunction, openFunction, WORK_VARIABLES } from './open-function.ts';
import type { AppSecretValues } from './read-app-secret.ts';
import { createQueueWork } from './work-on-records.ts';

/** Longer than a post may take with joining the channel; well below the function's own end. */
const TELL_MS = 15_000;
const SLACK_TIMEOUT_MS = 10_000;
/** Slack that does not answer shall not keep initialisation, which has ten seconds, from its end. */
const WARM_UP_MS = 1_000;
/** Each reading costs; a key that was put there since is not in an alert yet. */
const KEEP_KEYS_MS = 300_000;

/** `worker`: correlates, answers people, and is the only function that speaks with Slack. */
export const openWorker = async (variables: NodeJS.ProcessEnv): Promise<QueueWork> => {
  const environment = readLambdaEnvironment(variables, [...WORK_VARIABLES, 'APP_SECRET_ID', 'BUCKET_NAME']);
  const opened = openFunction(variables, environment);
  const secret = openAppSecret(environment, variables, opened.parts.log);
  const own = {
    ...opened.parts,
    documents: openDocuments(opened.call, environment('BUCKET_NAME')),
    telemetry: createTelemetry({
      call: opened.call,
      clock: systemClock,
      wait: systemWait,
      services: opened.services,
    }),
  };
  const keys = openKeys(opened);
  const withSlack = keepLast((values: AppSecretValues) => addSlack({ ...opened, parts: own }, values, keys));
  const open = async () => withSlack(await secret.now());
  // Initialisation has more processor than the first job. What it could not open is told by the job that needs it.
  const warmed = open().then(({ warmUp }) => Promise.race([warmUp(), systemWait(WARM_UP_MS)]));
  await Promise.all([warmed.catch(() => undefined), keys(), primeTable(own)]);
  return createQueueWork({
    queue: 'jobs',
    open: async () => (await open()).parts,
    returning: own,
    handle: handleWorkerJob,
    after: (parts) => tellNudged(parts, opened.nudged.take(), systemClock.nowMs() + TELL_MS),
  });
};

/** Made again when its input is another one. */
const keepLast = <I, O>(make: (input: I) => O): ((input: I) => O) => {
  let last: { readonly input: I; readonly output: O } | null = null;
  return (input) => {
    if (last?.input !== input) last = { input, output: make(input) };
    return last.output;
  };
};

/** The first call opens the connection. */
const primeTable = async ({ store, log }: Pick<Parts, 'store' | 'log'>): Promise<void> => {
  await store.read('check', 'routine').catch((error: unknown) => {
    log('table.not-primed', { why: error instanceof Error ? error.message : 'unknown' });
  });
};

/** For redaction alone: a key that stands in an alert must not reach Slack. Where one cannot be read, alerts go on without it. */
const openKeys = ({ parts, call }: OpenedFunction): (() => Promise<HeldKeys>) =>
  createHeldKeys({
    secrets: createSecretReader(call),
    secretIds: parts.settings.services.map((service) => service.secretId),
    clock: systemClock,
    log: parts.log,
    keepMs: KEEP_KEYS_MS,
  });

const addSlack = (
  { parts, settingsFor }: OpenedFunction,
  values: AppSecretValues,
  keys: () => Promise<HeldKeys>,
): { readonly parts: Parts; readonly warmUp: () => Promise<void> } => {
  const { token, apiUrl, channel, signingSecrets } = needSlack(values);
  const chat = createSlackChat({ token, apiUrl, timeoutMs: SLACK_TIMEOUT_MS, clock: systemClock });
  const withChat = {
    ...parts,
    chat,
    people: chat,
    settings: settingsFor(channel),
    heldSecrets: async () => [...(await keys()).keys, token, ...signingSecrets, ...(values.alertsTokens ?? [])],
    unreadSecrets: async () => (await keys()).unread,
  };
  return { parts: withChat, warmUp: chat.warmUp };
};

/** Without it nothing can be told, and no incident knows its channel: the jobs wait in the queue until it can be read. */
const needSlack = ({ slack, mistakes }: AppSecretValues): NonNullable<Environment['slack']> => {
  if (slack === null) throw new ConfigError(mistakes);
  return slack;
};
