import type { SocketModeClient } from '@slack/socket-mode';
import * as z from 'zod/mini';
import { clientOptions, SILENT, type SlackAccess } from './call.ts';
import { classifyFailure } from './failure.ts';
import type { Envelope } from './socket-envelope.ts';
import { within } from './socket-wait.ts';

/** Why a connection is over, in words for a person, and how long Slack wants to be left alone. */
export type Ended = { readonly why: string; readonly retryAfterMs: number | null };

type Access = Omit<SlackAccess, 'token'> & {
  readonly appToken: string;
  readonly patience: { readonly helloMs: number; readonly closeMs: number };
};

type Listener = {
  /** Ends whatever is under way. */
  readonly cut: AbortSignal;
  readonly take: (envelope: Envelope) => void;
  readonly connected: () => void;
};

const end = (why: string): Ended => ({ why, retryAfterMs: null });

/** Connects once and stays until either side ends it. Never fails. */
export const holdConnection = async (access: Access, { cut, take, connected }: Listener): Promise<Ended> => {
  const client = await createClient(access, cut);
  const left = new AbortController();
  client.on('slack_event', take);
  const over = watch(client, { cut, left: left.signal });
  const opened = client.start().then(
    () => null,
    // The client gives no reason where the connection ends before Slack's hello.
    (error: unknown) => (error === undefined ? end('the connection to Slack could not be opened') : refused(error)),
  );
  const { helloMs, closeMs } = access.patience;
  const failed = await within(helloMs, Promise.race([opened, over]), end('Slack does not answer'));
  if (failed === null) connected();
  const ended = failed ?? (await over);
  await within(closeMs, client.disconnect(), null);
  // A second time it does not wait for Slack.
  await client.disconnect();
  left.abort();
  return ended;
};

/** Loaded here: it costs as much as Bolt, and few need it. */
const createClient = async (access: Access, cut: AbortSignal): Promise<SocketModeClient> => {
  const { SocketModeClient: Client } = await import('@slack/socket-mode');
  const options = clientOptions(access);
  const fetchUntilCut: typeof options.fetch = (url, init) =>
    options.fetch(url, { ...init, signal: AbortSignal.any([cut, ...(init?.signal ? [init.signal] : [])]) });
  return new Client({
    appToken: access.appToken,
    autoReconnectEnabled: false,
    logger: SILENT,
    clientOptions: { ...options, fetch: fetchUntilCut },
  });
};

const refused = (error: unknown): Ended => {
  const { message, retryAfterMs } = classifyFailure('apps.connections.open', error);
  // A failure of sending says what became of the message; here there is none.
  return { why: message.replace(/; [^;]*$/, ''), retryAfterMs };
};

const watch = (client: SocketModeClient, { cut, left }: { readonly cut: AbortSignal; readonly left: AbortSignal }) =>
  new Promise<Ended>((resolve) => {
    client.once('disconnected', () => resolve(end('the connection to Slack broke off')));
    // The client does not hand on why Slack ends a connection.
    client.on('ws_message', (data: unknown) => {
      const reason = readGoodbye(data);
      if (reason !== null) resolve(end(GOODBYES[reason] ?? 'Slack closed the connection'));
    });
    cut.addEventListener('abort', () => resolve(end('stopped')), { signal: left });
  });

const GOODBYES: Readonly<Record<string, string>> = {
  link_disabled: 'it is switched off in the settings of the app',
  too_many_websockets: 'too many programs are connected with this SLACK_APP_TOKEN',
};

const GOODBYE = z.object({ type: z.literal('disconnect'), reason: z._default(z.string(), '') });

const readGoodbye = (data: unknown): string | null => {
  if (typeof data !== 'string' || !data.includes('"disconnect"')) return null;
  try {
    return z.safeParse(GOODBYE, JSON.parse(data)).data?.reason ?? null;
  } catch {
    return null;
  }
};
