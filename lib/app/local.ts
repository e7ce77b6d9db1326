import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openControls } from '../adapters/embedded/controls.ts';
import { openDocuments } from '../adapters/embedded/documents.ts';
import type { EmbeddedJobs } from '../adapters/embedded/jobs.ts';
import { createHealthCalls } from '../adapters/http.ts';
import { createMistralCalls } from '../adapters/mistral/calls.ts';
import { withholdSecrets } from '../adapters/mistral/withhold.ts';
import { createSlackChat } from '../adapters/slack/chat.ts';
import { createSlackInbox } from '../adapters/slack/inbox.ts';
import { openSlackSocket } from '../adapters/slack/socket.ts';
import { createIds, systemClock, systemWait } from '../adapters/system.ts';
import type { Config } from '../config.ts';
import type { Environment } from '../environment.ts';
import type { FlowSettings, Parts } from '../flows/parts.ts';
import { openOwnMistral } from '../local/own-mistral.ts';
import { makeRoutes } from '../local/routes.ts';
import { runBot } from '../local/run-bot.ts';
import { listen, type Server } from '../local/server.ts';
import { openEmbeddedSlack } from '../local/slack/embedded-slack.ts';
import { type ChatNote, checkChannels, createChatNote, recheckChannels, watchChat } from '../local/watch-chat.ts';
import { createLog } from '../log.ts';
import type { Checkpoint, Log } from '../ports/world.ts';
import { keysLiveIn, secretPlace, seedSecrets } from './embedded-keys.ts';
import { createHeldKeys, type HeldKeys } from './held-keys.ts';
import { createLocalSources } from './local-sources.ts';
import { openState, type State } from './local-state.ts';
import { settingsOf } from './settings.ts';
import { sourceTokens } from './sources.ts';

export type LocalOptions = {
  readonly environment: Environment;
  readonly config: Config;
  readonly alertsTokens: readonly string[];
  /** Where log lines go. */
  readonly writeLog: (line: string) => void;
  readonly checkpoint?: Checkpoint;
  /** Hears, in one line, what only a person can mend while it runs. */
  readonly tellTrouble?: (line: string) => void;
};

export type LocalRun = {
  readonly url: string;
  /** Address of the embedded Mistral, through whose `/control/fault` it is broken; null with a real one. */
  readonly embeddedMistralUrl: string | null;
  readonly parts: Parts;
  readonly deadLetters: Pick<EmbeddedJobs, 'deadLetters' | 'countDead'>;
  /** Asks Slack whether it takes our messages in every channel and sends us clicks, and tells what is in the way. Never fails. */
  readonly checkSlack: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const SLACK_TIMEOUT_MS = 10_000;
/** Secrets for redaction are read again after this long: a rotation is seen soon enough. */
const HELD_MS = 5_000;
/** The channel of the embedded Slack. */
const EMBEDDED_CHANNEL = 'incidents';

/** The whole product in one process: the embedded parts for whatever the environment does not name. */
export const startLocal = async (options: LocalOptions): Promise<LocalRun> => {
  const { environment, config, tellTrouble = () => undefined } = options;
  const state = await openState(environment.stateDir, systemClock);
  await seedSecrets(state.secrets, config, environment);
  const server = await listen(environment.host, environment.port);
  const slack = await openSlack(options, server).catch(async (error: unknown) => {
    // A server that goes on listening would keep the process alive.
    await Promise.all([server.close(), state.close()]);
    throw error;
  });
  const mistral = environment.mistral ? null : await openOwnMistral({ environment, config, state });
  const note = createChatNote(systemClock);
  const { parts, chat } = makeParts(options, state, {
    slack,
    note,
    mistralUrl: environment.mistral?.serverUrl ?? mistral?.url ?? '',
    nudge: (incidentIds) => bot.nudge(incidentIds),
  });
  const bot = runBot(parts, state.jobs);
  server.serve(
    makeRoutes(parts, {
      alertsTokens: options.alertsTokens,
      signingSecrets: slack.signingSecrets,
      mount: slack.embedded?.handle ?? null,
      chatHealth: note.read,
    }),
  );
  const access = { access: chat, channels: channelsOf(parts), note };
  const recheck = environment.slack ? recheckChannels(access) : null;
  const socket = slack.appToken === null ? null : openSocket(parts, slack.appToken, slack.apiUrl, tellTrouble);
  return {
    url: server.url,
    embeddedMistralUrl: mistral?.url ?? null,
    parts,
    deadLetters: state.jobs,
    checkSlack: async () => {
      await Promise.all([checkChannels(access, tellTrouble), socket?.tried]);
    },
    close: async () => {
      await Promise.all([server.close(), socket?.stop()]);
      await Promise.all([bot.stop(), recheck?.stop()]);
      await Promise.all([slack.embedded?.close(), mistral?.close()]);
      await state.close();
    },
  };
};

type SlackSide = {
  readonly token: string;
  readonly signingSecrets: readonly string[];
  readonly channel: string;
  readonly apiUrl: string;
  readonly appToken: string | null;
  readonly embedded: Awaited<ReturnType<typeof openEmbeddedSlack>> | null;
};

const openSlack = async ({ environment, config }: LocalOptions, server: Server): Promise<SlackSide> => {
  if (environment.slack) return { ...environment.slack, embedded: null };
  const token = `embedded-${randomBytes(16).toString('hex')}`;
  const signingSecret = randomBytes(16).toString('hex');
  const named = config.services.flatMap((service) =>
    service.channel === null ? [] : [service.channel.replace(/^#/, '')],
  );
  const embedded = await openEmbeddedSlack({
    statePath: join(environment.stateDir, 'slack.sqlite'),
    botToken: token,
    signingSecret,
    eventsUrl: () => `${server.url}/slack/events`,
    channels: [...new Set([EMBEDDED_CHANNEL, ...named])],
    clock: systemClock,
  });
  const apiUrl = `${server.url}/api/`;
  return { token, signingSecrets: [signingSecret], channel: EMBEDDED_CHANNEL, apiUrl, appToken: null, embedded };
};

/** Clicks and commands take the way that they take over HTTP, behind the signature. */
const openSocket = (parts: Parts, appToken: string, apiUrl: string, tell: (line: string) => void) => {
  const receive = createSlackInbox({ ...parts, team: null });
  return openSlackSocket({ ...parts, receive, appToken, apiUrl, timeoutMs: SLACK_TIMEOUT_MS, tell });
};

const channelsOf = ({ settings }: Parts): readonly string[] => [
  settings.channel,
  ...settings.services.map((service) => service.channel),
];

type Places = {
  readonly slack: SlackSide;
  readonly note: ChatNote;
  readonly mistralUrl: string;
  readonly nudge: Parts['nudge'];
};

const openKeys = ({ secrets }: State, { services }: FlowSettings, log: Log): (() => Promise<HeldKeys>) =>
  createHeldKeys({
    secrets,
    secretIds: services.map(({ secretId }) => secretId),
    clock: systemClock,
    log,
    keepMs: HELD_MS,
  });

const openMistral = (serverUrl: string, { probing: { allowPrivate } }: LocalOptions['config']) =>
  createMistralCalls({ serverUrl, clock: systemClock, allowPrivate });

const makeParts = (options: LocalOptions, state: State, { slack, note, mistralUrl, nudge }: Places) => {
  const { config, environment } = options;
  const settings = settingsOf(config, {
    channel: slack.channel,
    secretId: secretPlace(environment),
    keysLiveIn: keysLiveIn(environment),
  });
  const chat = createSlackChat({
    token: slack.token,
    apiUrl: slack.apiUrl,
    timeoutMs: SLACK_TIMEOUT_MS,
    clock: systemClock,
  });
  const log = createLog(options.writeLog, systemClock.nowMs);
  const keys = openKeys(state, settings, log);
  // What is sent to the address of the API, and by whose answers it could come back.
  const apiKeys = async (): Promise<readonly string[]> => [
    ...(await keys()).keys,
    ...(environment.mistral?.adminKey ? [environment.mistral.adminKey] : []),
  ];
  const parts: Parts = {
    store: state.store,
    jobs: state.jobs,
    secrets: state.secrets,
    projection: openControls(environment.stateDir),
    documents: openDocuments(environment.stateDir),
    chat: watchChat(chat, note, options.tellTrouble ?? (() => undefined)),
    people: chat,
    mistral: withholdSecrets(openMistral(mistralUrl, config), apiKeys),
    health: createHealthCalls(),
    sources: createLocalSources({ ...options, store: state.store, serverUrl: mistralUrl, variables: process.env }),
    telemetry: null,
    clock: systemClock,
    ids: createIds(),
    wait: systemWait,
    log,
    checkpoint: options.checkpoint ?? (() => Promise.resolve()),
    settings,
    heldSecrets: async () => [
      ...(await apiKeys()),
      slack.token,
      ...(slack.appToken === null ? [] : [slack.appToken]),
      ...slack.signingSecrets,
      ...options.alertsTokens,
      ...sourceTokens(config, process.env),
    ],
    unreadSecrets: async () => (await keys()).unread,
    configuration: {
      ...config,
      slack: environment.slack ? 'configured' : 'embedded',
      mistral: environment.mistral ? 'configured' : 'embedded',
    },
    nudge,
  };
  return { parts, chat };
};
