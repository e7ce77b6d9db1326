import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { createSlackHandler } from '../../functions/slack.ts';
import { openSlack } from '../adapters/slack/embedded.ts';
import { listen, type Seen } from '../adapters/slack/web-server.ts';
import { jobsThat, openHandler, SECRET } from './slack-parts.ts';

const BUTTON = {
  type: 'button',
  text: { type: 'plain_text', text: 'Acknowledge' },
  action_id: 'incident.acknowledge',
  value: 'INC-1',
};
const MESSAGE = { text: 'P1 down', blocks: [{ type: 'actions', block_id: 'b1', elements: [BUTTON] }] };
const MARK = { eventType: 'mistral_incident', payload: { incident_id: 'INC-1' } };

/** The handler behind a real server, and the embedded Slack, which signs and sends what its people press. */
const openBoth = async (handle: ReturnType<typeof createSlackHandler>) => {
  const serve = async (seen: Seen, request: IncomingMessage, response: ServerResponse) => {
    const result = await handle({
      rawPath: seen.path,
      rawQueryString: '',
      headers: Object.fromEntries(Object.entries(seen.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.from(seen.body).toString('base64'),
      isBase64Encoded: true,
      requestContext: { http: { method: request.method ?? '' } },
    });
    response.writeHead(result.statusCode, result.headers).end(result.body);
  };
  const bot = await listen((seen, response, request) => {
    serve(seen, request, response).catch(() => response.destroy());
  });
  const slack = await openSlack({ eventsUrl: `${bot.url}/slack/events`, signingSecret: SECRET });
  return { ...slack, bot };
};

const requestsOf = (jobs: readonly { readonly body: unknown }[]) => jobs.map((job) => job.body);

describe('with a Slack that signs and waits three seconds', () => {
  it('a pressed button becomes a job that points at its message', async () => {
    const { handle, queued } = await openHandler();
    const { chat, order } = await openBoth(handle);
    const { ts, channel } = await chat.post({ channel: 'incidents', threadTs: null }, MESSAGE, MARK);
    const click = { user: 'U0MAYA', channel: 'incidents', ts, action_id: 'incident.acknowledge', block_id: 'b1' };
    expect(await order('click', click)).toMatchObject({ ok: true });
    const request = { user: 'U0MAYA', team: 'T0TRIAGE', channel, messageTs: ts, action: 'incident.acknowledge' };
    expect(requestsOf(await queued())).toMatchObject([{ kind: 'slack', request: { ...request, value: 'INC-1' } }]);
  });

  it('a command becomes a job, and its answer is seen', async () => {
    const { handle, queued } = await openHandler();
    const { order, bot } = await openBoth(handle);
    expect(await order('command', { user: 'U0NOAH', channel: 'incidents', text: '/mistral-triage' })).toMatchObject({
      ok: true,
    });
    expect(requestsOf(await queued())).toMatchObject([{ request: { user: 'U0NOAH', action: 'command', value: '' } }]);
    expect(bot.seen).toHaveLength(1);
  });

  it('a click that could not be stored is told through the response address', async () => {
    const { handle } = await openHandler({ jobs: jobsThat(() => Promise.reject(new Error('full'))) });
    const { chat, order, url } = await openBoth(handle);
    const { ts } = await chat.post({ channel: 'incidents', threadTs: null }, MESSAGE, MARK);
    const click = { user: 'U0MAYA', channel: 'incidents', ts, action_id: 'incident.acknowledge', block_id: 'b1' };
    expect(await order('click', click)).toMatchObject({ ok: true, status: 200 });
    const seenBy = async (user: string): Promise<unknown> => (await fetch(`${url}/console/state?user=${user}`)).json();
    expect(await seenBy('U0MAYA')).toMatchObject({
      ephemerals: [{ text: 'Not stored, nothing was done: please press again.' }],
    });
    expect(await seenBy('U0NOAH')).toMatchObject({ ephemerals: [] });
  });
});
