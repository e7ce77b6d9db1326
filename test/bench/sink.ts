import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** What stands in every alert name of this bench, so that the sink can tell them apart in any body. */
const ALERT_ID = /Bench(?:Bot|Alertmanager)\d{4}/g;

export type Sink = {
  readonly url: string;
  /** Resolves with the monotonic time at which a message with this id was here as a whole; null after `limitMs`. */
  readonly arrival: (id: string, limitMs: number) => Promise<number | null>;
  /** Requests by path since the start. */
  readonly counts: () => Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
};

/**
 * A Slack on loopback that takes everything at once: `ok` for incoming webhooks (Alertmanager), true answers to the Web API methods that
 * the bot calls. It keeps no messages, only when each alert was first seen.
 */
export const openSink = async (channels: readonly string[]): Promise<Sink> => {
  const firstSeen = new Map<string, number>();
  const waiting = new Map<string, (atMs: number) => void>();
  const counts = new Map<string, number>();
  const see = (body: string, atMs: number): void => {
    for (const [id] of body.matchAll(ALERT_ID)) {
      if (firstSeen.has(id)) continue;
      firstSeen.set(id, atMs);
      waiting.get(id)?.(atMs);
    }
  };
  const answer = makeAnswers(channels);
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      see(body, performance.now());
      counts.set(path, (counts.get(path) ?? 0) + 1);
      const text = answer(path, new URLSearchParams(body));
      response.writeHead(200, { 'content-type': text.startsWith('{') ? 'application/json' : 'text/plain' });
      response.end(text);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the sink has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    arrival: async (id, limitMs) => firstSeen.get(id) ?? waitFor(waiting, id, limitMs),
    counts: () => Object.fromEntries(counts),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  // Ids are letters and digits alone, so no decoding of forms or JSON can hide them.
  return Buffer.concat(chunks).toString('utf8');
};

const waitFor = async (
  waiting: Map<string, (atMs: number) => void>,
  id: string,
  limitMs: number,
): Promise<number | null> => {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const timer = setTimeout(() => resolve(null), limitMs);
  waiting.set(id, resolve);
  const atMs = await promise;
  clearTimeout(timer);
  waiting.delete(id);
  return atMs;
};

const makeAnswers = (channels: readonly string[]): ((path: string, form: URLSearchParams) => string) => {
  const idOf = new Map(channels.map((name, index) => [name, `C0BENCH${String(index).padStart(4, '0')}`]));
  const listed = [...idOf].map(([name, id]) => ({ id, name, is_member: true, is_private: false, is_archived: false }));
  const user = { id: 'U0BENCH', name: 'bench', real_name: 'Bench', is_bot: false };
  let sequence = 0;
  const post = (form: URLSearchParams): object => {
    sequence += 1;
    const channel = form.get('channel') ?? '';
    const ts = `${Math.floor(Date.now() / 1000)}.${String(sequence).padStart(6, '0')}`;
    return { ok: true, channel: idOf.get(channel) ?? channel, ts, message: { ts } };
  };
  const methods: Readonly<Record<string, (form: URLSearchParams) => object>> = {
    'auth.test': () => ({ ok: true, user_id: 'U0BOT', bot_id: 'B0BOT', team_id: 'T0BENCH' }),
    'chat.postMessage': post,
    'chat.update': (form) => ({ ok: true, channel: form.get('channel') ?? '', ts: form.get('ts') ?? '' }),
    'chat.postEphemeral': () => ({ ok: true, message_ts: '1.000001' }),
    'conversations.list': () => ({ ok: true, channels: listed, response_metadata: { next_cursor: '' } }),
    'conversations.join': (form) => ({ ok: true, channel: { id: form.get('channel') ?? '' } }),
    'conversations.history': () => ({ ok: true, messages: [], has_more: false }),
    'conversations.replies': () => ({ ok: true, messages: [], has_more: false }),
    'users.info': () => ({ ok: true, user }),
  };
  return (path, form) => {
    if (path === '/webhook') return 'ok';
    const method = methods[path.replace('/api/', '')];
    return JSON.stringify(method ? method(form) : { ok: false, error: 'unknown_method' });
  };
};
