import { parseArgs } from 'node:util';
import { type SlackWay, slackAppLink, slackManifest } from '../../templates/slack-manifest.ts';
import { isLoopback } from '../environment.ts';
import { type Command, tell } from './commands.ts';
import { UsageError } from './mistakes.ts';
import { readArguments } from './read-arguments.ts';

const USE = 'npm run manifest -- (--socket | --url https://…/) [--json]';

/** Our own path, the same on Lambda and locally. */
const EVENTS_PATH = '/slack/events';

/** A link with it stays below 4 kB, which every browser takes. */
const MAX_URL_CHARS = 500;

/** `npm run manifest`: the Slack app in one link, and the JSON to paste into the settings of one that exists. */
export const manifest: Command = async (args) => {
  const options = {
    url: { type: 'string' },
    socket: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = readArguments(USE, 0, () => parseArgs({ args: [...args], options, allowPositionals: true }));
  const way = chooseWay(values.url, values.socket);
  const made = slackManifest(way);
  const json = JSON.stringify(made, null, 2);
  if (!values.json) {
    tell('Open this link to create the Slack app:');
    tell(`\n${slackAppLink(made)}\n`);
    if (way.kind === 'socket')
      tell(
        'SLACK_APP_TOKEN is then made there: Basic Information, App-Level Tokens, with the scope connections:write.',
      );
    tell('Or paste this into the app that you have (App Manifest in its settings):\n');
  }
  tell(json);
  return Promise.resolve(0);
};

const chooseWay = (url: string | undefined, isSocket: boolean): SlackWay => {
  if (url !== undefined && isSocket)
    throw new UsageError(`Either --socket or --url: an app gets its clicks one way. Use: ${USE}`);
  if (url !== undefined) return { kind: 'http', eventsUrl: eventsUrlOf(url) };
  if (isSocket) return { kind: 'socket' };
  throw new UsageError(
    `Say how clicks reach the bot: --url with the address of the deployed stack, or --socket for npm start without a public address. Use: ${USE}`,
  );
};

/** The address may be the stack's, with or without our path. */
const eventsUrlOf = (text: string): string => {
  const url = URL.parse(text);
  const wrong = url === null ? 'is no address' : whyWrong(url, text);
  if (url === null || wrong !== null)
    throw new UsageError(`--url: ${wrong}. Give the address that the deploy printed, such as https://abc.example.com/`);
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path.endsWith(EVENTS_PATH) ? path : `${path}${EVENTS_PATH}`}`;
};

const whyWrong = (url: URL, text: string): string | null => {
  if (url.protocol !== 'https:') return 'does not begin with https://, and Slack calls nothing else';
  if (url.username !== '' || url.password !== '') return 'holds a name or a password, which Slack would show';
  if (url.search !== '' || url.hash !== '') return 'holds more than an address and a path';
  if (isLoopback(url.hostname)) return 'is this machine, which Slack cannot reach; use --socket here';
  return text.length > MAX_URL_CHARS ? `is longer than ${MAX_URL_CHARS} characters` : null;
};
