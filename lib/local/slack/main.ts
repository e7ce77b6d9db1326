// The embedded Slack as a process of its own:
// node lib/local/slack/main.ts --port 0 --state FILE --events-url URL [--channel NAME ...]
// with SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET in the environment.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { openEmbeddedSlack } from './embedded-slack.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const need = (name: string, value: string | undefined): string => {
  if (value === undefined || value === '') throw new Error(`${name} is missing`);
  return value;
};

const start = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      state: { type: 'string' },
      'events-url': { type: 'string' },
      channel: { type: 'string', multiple: true, default: ['incidents'] },
      'no-pace': { type: 'boolean', default: false },
    },
  });
  const eventsUrl = new URL(need('--events-url', values['events-url'])).href;
  const slack = await openEmbeddedSlack({
    statePath: need('--state', values.state),
    botToken: need('SLACK_BOT_TOKEN', process.env['SLACK_BOT_TOKEN']),
    signingSecret: need('SLACK_SIGNING_SECRET', process.env['SLACK_SIGNING_SECRET']),
    eventsUrl: () => eventsUrl,
    channels: values.channel,
    clock: { nowMs: Date.now },
    limits: { messagesPerSecondPerChannel: !values['no-pace'] },
  });
  const server = createServer((request, response) => {
    void slack.handle(request, response).then((isAnswered) => {
      if (!isAnswered) response.writeHead(404).end();
    });
  });
  const stop = (): void => {
    server.close(() => void slack.close());
    server.closeAllConnections();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  server.listen(Number(values.port), '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') say(`ready http://127.0.0.1:${address.port}`);
  });
};

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'could not start'}\n`);
  process.exitCode = 1;
});
