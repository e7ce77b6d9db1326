import { createServer } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '../../lib/adapters/system.ts';
import { openEmbeddedSlack } from '../../lib/local/slack/embedded-slack.ts';
import { KEY, listen, serve } from '../adapters/mistral/serve.ts';
import { answering, type Opened, type TableCase } from '../adapters/mistral/table/case.ts';
import { createPlanting, type Planting } from '../adapters/mistral/table/planting.ts';
import { sendWell } from '../adapters/mistral/table/well.ts';

/** Each in two pieces, so that nobody takes them for real ones. Two have characters that are written otherwise in an address. */
export const PLANTED = {
  standbyKey: ['H3n6+Yd5c', '/Jp2G=a7Ue4Xo9Lk'].join(''),
  adminKey: ['Uq7Rz2Vb', '9Mx4Ke8Tc1Wn6Ph3'].join(''),
  slackToken: ['Z1w8Bq4tKe6', 'Nf3Mr7Si0Gy5Dj2'].join(''),
  signingSecret: ['D9v5Cg2hPa8', 'Lj1Oy6Ut3Xs7Fm4'].join(''),
  alertsToken: ['E4x7+k0mWs5', '/b9=n2Ql8Zr3Vt6'].join(''),
  metricsToken: ['K8p2Yn6dHc', '3Ja9Gw5Rf1Bo7Lu'].join(''),
} as const;

/** Of the environment, which the composition reads the token of metrics from. */
export const METRICS_VARIABLE = 'PLANTED_METRICS_TOKEN';

/** A Slack whose every request is kept, what is changed later included. */
const openSlack = async (folder: string) => {
  const bodies: Buffer[] = [];
  let eventsUrl = '';
  const slack = await openEmbeddedSlack({
    statePath: join(folder, 'slack.sqlite'),
    botToken: PLANTED.slackToken,
    signingSecret: PLANTED.signingSecret,
    eventsUrl: () => eventsUrl,
    channels: ['incidents'],
    clock: systemClock,
    limits: { messagesPerSecondPerChannel: false },
  });
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/') === true) request.on('data', (chunk: Buffer) => void bodies.push(chunk));
    void slack.handle(request, response);
  });
  const { url, close } = await listen(server, () => server.closeAllConnections());
  return {
    url,
    bodies,
    sendEventsTo: (botUrl: string) => {
      eventsUrl = `${botUrl}/slack/events`;
    },
    close: async () => {
      await close();
      await slack.close();
    },
  };
};

const METRICS = '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"0"]}]}}';
const PAGE = '{"status":{"indicator":"minor","description":"x"},"incidents":[{"name":"x","message":"x"}]}';

/** The service's own health, its metrics and the provider's page, which also say more than they are asked for. */
const openAround = async () => {
  const planting = createPlanting([KEY, ...Object.values(PLANTED)]);
  const handle = planting.http((request, response) => {
    const isPage = request.url === '/page';
    response.setHeader('content-type', 'application/json').end(isPage ? PAGE : METRICS);
  });
  return { ...(await serve(handle)), served: planting.served };
};

export type Peers = {
  readonly mistral: Opened;
  /** A Mistral that is well. */
  readonly well: Opened;
  readonly around: Awaited<ReturnType<typeof openAround>>;
  readonly slack: Awaited<ReturnType<typeof openSlack>>;
};

export const openPeers = async (one: TableCase, folder: string, planting: Planting): Promise<Peers> => ({
  mistral: await one.open(planting),
  well: await answering(sendWell)(planting),
  around: await openAround(),
  slack: await openSlack(folder),
});
