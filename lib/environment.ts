import { ConfigError } from './config-error.ts';

/** What the environment decides, as CONTRACT.md lists it. Absent parts are embedded ones. */
export type Environment = {
  readonly host: string;
  readonly port: number;
  readonly stateDir: string;
  readonly alertsTokens: readonly string[] | null;
  readonly slack: {
    readonly token: string;
    /** None: no request over HTTP is believed. */
    readonly signingSecrets: readonly string[];
    readonly channel: string;
    readonly apiUrl: string;
    /** By which clicks and commands come over a socket; null: over HTTP alone. */
    readonly appToken: string | null;
  } | null;
  readonly mistral: {
    readonly key: string;
    readonly standbyKey: string | null;
    readonly serverUrl: string;
    /** Of the account, for its Admin API; null: nothing is asked there. */
    readonly adminKey: string | null;
  } | null;
};

type Variables = Readonly<Record<string, string | undefined>>;

/** Whether a name or address, brackets of IPv6 or not, can only be this machine. */
export const isLoopback = (name: string): boolean =>
  /^(?:127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|localhost|::1|\[::1\])$/i.test(name);

/** Reads and checks the environment once. Empty counts as absent. Throws `ConfigError` with every mistake. */
export const readEnvironment = (variables: Variables): Environment => {
  const mistakes: string[] = [];
  const get = (name: string): string | null => (variables[name] ?? '') || null;
  const environment: Environment = {
    host: get('HOST') ?? '127.0.0.1',
    port: readPort(get('PORT'), mistakes),
    stateDir: get('STATE_DIR') ?? '.mistral-triage',
    alertsTokens: readAlertsTokens(get('ALERTS_TOKEN'), mistakes),
    slack: readSlack(get, mistakes),
    mistral: readMistral(get, mistakes),
  };
  for (const name of Object.keys(variables).filter((one) => one.startsWith('ALERTS_SECRET_') && get(one)))
    mistakes.push(
      `${name}: this version does not check signatures of senders, so nothing would be checked by it; take it away (ALERTS_TOKEN keeps the door)`,
    );
  const store = get('STORE');
  if (store !== null && store !== 'embedded')
    mistakes.push(`STORE: this version knows "embedded" only, not "${store}"`);
  if (environment.slack === null && !isLoopback(environment.host))
    mistakes.push(
      `HOST: with the embedded Slack only a loopback address is accepted, not ${environment.host}; set SLACK_BOT_TOKEN for a real Slack`,
    );
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return environment;
};

/** What is written with commas between, without the blanks around each. */
const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Shorter ones can be guessed. */
const SHORTEST_TOKEN = 16;

export const readAlertsTokens = (text: string | null, mistakes: string[]): readonly string[] | null => {
  if (text === null) return null;
  const tokens = listOf(text);
  if (tokens.length === 0)
    mistakes.push('ALERTS_TOKEN: holds no token, so every alert would be refused; give one, or leave it away');
  for (const token of tokens) expectKey('ALERTS_TOKEN', token, mistakes);
  if (tokens.some((token) => token.length < SHORTEST_TOKEN))
    mistakes.push(`ALERTS_TOKEN: a token of fewer than ${SHORTEST_TOKEN} characters can be guessed; take a longer one`);
  return tokens;
};

/** Says of what has to go into a header that it cannot, and never shows it. */
const expectKey = (name: string, value: string, mistakes: string[]): void => {
  if (/[^\x21-\x7e]/.test(value))
    mistakes.push(`${name}: holds white space or a character that is not ASCII, which no key has; copy it again`);
};

const readPort = (text: string | null, mistakes: string[]): number => {
  if (text === null) return 3000;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  mistakes.push('PORT: a number from 0 to 65535 (0 takes a free one)');
  return 0;
};

type Get = (name: string) => string | null;

export const readSlack = (get: Get, mistakes: string[]): Environment['slack'] => {
  const appToken = get('SLACK_APP_TOKEN');
  // Who connects to Slack by itself needs no proof from callers.
  const proof = appToken === null ? (['SLACK_SIGNING_SECRET'] as const) : [];
  const names = ['SLACK_BOT_TOKEN', ...proof, 'SLACK_CHANNEL'] as const;
  const [token, secret, channel] = (['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_CHANNEL'] as const).map(get);
  if (!token && !secret && !channel) {
    for (const name of ['SLACK_API_URL', 'SLACK_APP_TOKEN'])
      if (get(name)) mistakes.push(`${name}: needs ${names.join(', ')} as well`);
    return null;
  }
  for (const name of names.filter((one) => get(one) === null))
    mistakes.push(`${name}: missing, while other Slack values are set`);
  expectSlackTokens(token ?? '', appToken, mistakes);
  return {
    token: token ?? '',
    signingSecrets: readSigningSecrets(secret ?? null, mistakes),
    channel: channel ?? '',
    apiUrl: readUrl('SLACK_API_URL', get('SLACK_API_URL') ?? 'https://slack.com/api/', mistakes),
    appToken,
  };
};

const readSigningSecrets = (text: string | null, mistakes: string[]): readonly string[] => {
  const secrets = listOf(text ?? '');
  if (text !== null && secrets.length === 0)
    mistakes.push('SLACK_SIGNING_SECRET: holds no secret, so every request of Slack would be refused');
  return secrets;
};

/** Slack's tokens say by their first letters what they are for. */
const expectSlackTokens = (botToken: string, appToken: string | null, mistakes: string[]): void => {
  expectKey('SLACK_BOT_TOKEN', botToken, mistakes);
  if (/^xapp-/.test(botToken))
    mistakes.push('SLACK_BOT_TOKEN: is an app-level token (xapp-…); the bot token begins with xoxb-');
  if (appToken === null) return;
  expectKey('SLACK_APP_TOKEN', appToken, mistakes);
  if (!/^xapp-/.test(appToken))
    mistakes.push(
      'SLACK_APP_TOKEN: is no app-level token, which begins with xapp-; leave it away where Slack reaches the bot over HTTP',
    );
};

const readMistral = (get: Get, mistakes: string[]): Environment['mistral'] => {
  const key = get('MISTRAL_API_KEY');
  if (key === null) {
    for (const name of ['MISTRAL_STANDBY_KEY', 'MISTRAL_SERVER_URL', 'MISTRAL_ADMIN_KEY'])
      if (get(name)) mistakes.push(`${name}: needs MISTRAL_API_KEY as well`);
    return null;
  }
  const standbyKey = get('MISTRAL_STANDBY_KEY');
  expectKey('MISTRAL_API_KEY', key, mistakes);
  expectKey('MISTRAL_STANDBY_KEY', standbyKey ?? '', mistakes);
  const adminKey = get('MISTRAL_ADMIN_KEY');
  expectKey('MISTRAL_ADMIN_KEY', adminKey ?? '', mistakes);
  if (standbyKey === key)
    mistakes.push('MISTRAL_STANDBY_KEY: is the same key as MISTRAL_API_KEY; give another one, or leave it away');
  return {
    key,
    standbyKey,
    adminKey,
    serverUrl: readUrl('MISTRAL_SERVER_URL', get('MISTRAL_SERVER_URL') ?? 'https://api.mistral.ai', mistakes),
  };
};

const readUrl = (name: string, text: string, mistakes: string[]): string => {
  if (!URL.canParse(text) || !/^https?:/.test(text)) mistakes.push(`${name}: not an http(s) address`);
  return text;
};
