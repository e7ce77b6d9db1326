import type { IncomingMessage, ServerResponse } from 'node:http';
import { LIMITS } from '../../../templates/limits.ts';
import { isFromHere } from '../is-from-here.ts';
import { serveConsole } from './console.ts';
import { openEphemerals } from './ephemerals.ts';
import { sendText } from './exchange.ts';
import { openFaults } from './faults.ts';
import { openLive } from './live.ts';
import { openPace } from './pace.ts';
import type { Session } from './session.ts';
import { openState } from './state.ts';
import { SAFETY_HEADERS, servePage } from './static.ts';
import { openTriggers } from './triggers.ts';
import { openViews } from './views.ts';
import { serveWebApi } from './web-api.ts';
import { isChannelName } from './workspace.ts';

export type EmbeddedSlackOptions = {
  /** Its own SQLite file, created with mode 0600. */
  readonly statePath: string;
  readonly botToken: string;
  readonly signingSecret: string;
  /** Where the bot takes commands and interactions; asked anew each time. */
  readonly eventsUrl: () => string;
  /** Names; the first is the default. The bot is a member of each. */
  readonly channels: readonly string[];
  readonly clock: { readonly nowMs: () => number };
  readonly limits?: {
    /** false: neither posts nor edits are paced, for benchmarks. */
    readonly messagesPerSecondPerChannel: boolean;
    /** How long a command or click may stay unanswered; Slack's three seconds without it. */
    readonly acknowledgeMs?: number;
  };
};

export type EmbeddedSlack = {
  /** Answers `/`, `/page/*`, `/api/*` and `/console/*` and returns true; false for any other path, which is untouched. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

const isOurs = (path: string): boolean => path === '/' || /^\/(?:page|api|console)\//.test(path);

const openSession = (options: EmbeddedSlackOptions): Session => {
  const wrong = options.channels.find((name) => !isChannelName(name));
  if (wrong !== undefined) throw new Error(`"${wrong}" is not a channel name: small letters, digits, - and _ only`);
  const { clock, limits } = options;
  const state = openState(options.statePath);
  for (const name of options.channels) state.channels.create(name, clock.nowMs(), { isMember: true, isPrivate: false });
  const live = openLive();
  return {
    state,
    clock,
    live,
    ephemerals: openEphemerals(state, live, clock),
    triggers: openTriggers(clock),
    views: openViews(live, clock),
    pace: openPace(clock, limits?.messagesPerSecondPerChannel ?? true),
    faults: openFaults(),
    botToken: options.botToken,
    signingSecret: options.signingSecret,
    eventsUrl: options.eventsUrl,
    acknowledgeMs: limits?.acknowledgeMs ?? LIMITS.acknowledgeMs,
  };
};

const route = async (
  session: Session,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (!isFromHere(request)) return sendText(response, 403, 'only this machine');
  if (path.startsWith('/api/')) return serveWebApi(session, path, request, response);
  if (path.startsWith('/console/')) return serveConsole(session, path, request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(response, 405, 'method not allowed');
  await servePage(path, response);
};

/**
 * A small, strict, durable Slack on this machine: one workspace, two people, the bot. The real client talks to it over HTTP, and it
 * sends signed commands and interactions to the bot. Its page at `/` is where people read and press.
 */
export const openEmbeddedSlack = async (options: EmbeddedSlackOptions): Promise<EmbeddedSlack> => {
  const session = openSession(options);
  let isClosed = false;
  return {
    handle: async (request, response) => {
      const [path = '/'] = (request.url ?? '/').split('?');
      if (!isOurs(path)) return false;
      for (const [name, value] of Object.entries(SAFETY_HEADERS)) response.setHeader(name, value);
      try {
        if (isClosed) sendText(response, 503, 'closed');
        else await route(session, path, request, response);
      } catch {
        // A body cut short or a bug: the caller sees a failure, and the program that mounts us lives on.
        if (response.headersSent) response.destroy();
        else sendText(response, 500, 'internal error');
      }
      return true;
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      session.live.close();
      session.state.close();
    },
  };
};
