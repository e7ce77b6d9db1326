import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SOURCES } from '../../lib/intake/sources.ts';
import { firstAlert, parseJson } from '../intake/fixtures.ts';
import { findSnippet, readCurl, readSnippets } from './snippets.ts';

const PAGE = 'alerts.md';

/** What Datadog fills in. */
const FILLED: Readonly<Record<string, string>> = {
  ALERT_ID: '148275309',
  ALERT_TRANSITION: 'Triggered',
  ALERT_TYPE: 'error',
  ALERT_PRIORITY: 'P1',
  ALERT_SCOPE: 'env:prod,service:chat-api',
  EVENT_TITLE: '[Triggered on {env:prod,service:chat-api}] [P1] API 5xx rate above 2%',
  TEXT_ONLY_MSG: 'Mistral answers 503',
  LINK: 'https://app.datadoghq.com/monitors/148275309',
  DATE: '1790504100000',
  TAGS: 'monitor,team:payments',
};

const fill = (template: string, values: Readonly<Record<string, string>>): unknown =>
  JSON.parse(template.replace(/\$([A-Z_]+)/g, (whole, name: string) => values[name] ?? whole));

describe('what docs/alerts.md says to paste', () => {
  it("into Datadog's payload says everything that is read", () => {
    const template = findSnippet(PAGE, 'Datadog', 'json', '$ALERT_ID');
    const alert = firstAlert(parseJson('datadog', fill(template, FILLED)));
    expect(alert).toMatchObject({
      state: 'firing',
      severity: 'P1',
      title: 'API 5xx rate above 2%',
      summary: 'Mistral answers 503',
      service: 'chat-api',
      environment: 'prod',
      startedAt: '2026-09-27T10:15:00.000Z',
      link: 'https://app.datadoghq.com/monitors/148275309',
      // $HOSTNAME was not filled in.
      labels: { env: 'prod', service: 'chat-api', team: 'payments' },
    });
    const over = fill(template, { ...FILLED, ALERT_TRANSITION: 'Recovered', EVENT_TITLE: 'other' });
    expect(firstAlert(parseJson('datadog', over))).toMatchObject({ state: 'resolved', key: alert.key });
  });

  const commands: readonly (readonly [string, string, object])[] = [
    ['Grafana', 'grafana', { title: 'MistralTest', service: 'chat-api', severity: 'P4', state: 'firing' }],
    ['Datadog', 'datadog', { title: 'A test of the webhook', service: 'chat-api', severity: 'P4', state: 'firing' }],
    [
      'Anything else',
      'generic',
      {
        title: 'Checkout cannot reach Mistral',
        severity: 'P2',
        service: 'chat-api',
        environment: 'production',
        summary: '12 of 20 requests failed',
        link: 'https://example.com/runbook',
      },
    ],
  ];
  for (const [under, source, expected] of commands) {
    it(`as a test without the monitor is understood: ${under}`, () => {
      const { path, body } = readCurl(findSnippet(PAGE, under, 'sh', 'curl'));
      expect(path).toBe(`/alerts/${source}`);
      expect(firstAlert(parseJson(source, body))).toMatchObject({ source, ...expected });
    });
  }

  it("as an alarm's description says severity, service and environment", () => {
    const command = findSnippet(PAGE, 'CloudWatch', 'sh', 'put-metric-alarm');
    const [, AlarmDescription] = /--alarm-description '([^']+)'/.exec(command) ?? [];
    expect(
      firstAlert(parseJson('sns', { AlarmName: 'chat-api-5xx', NewStateValue: 'ALARM', AlarmDescription })),
    ).toMatchObject({
      severity: 'P2',
      service: 'chat-api',
      environment: 'production',
      summary: 'The load balancer answers 5xx.',
    });
    expect(command).toMatch(/--alarm-actions "\$TOPIC" --ok-actions "\$TOPIC"/);
  });

  it('into Grafana is a contact point that sends its token, and what is over as well', () => {
    expect(parse(findSnippet(PAGE, 'Grafana', 'yaml', 'contactPoints'))).toMatchObject({
      contactPoints: [
        {
          receivers: [
            {
              type: 'webhook',
              disableResolveMessage: false,
              settings: { url: 'https://BOT/alerts/grafana', authorization_scheme: 'Bearer' },
            },
          ],
        },
      ],
    });
  });

  it('posts to no source that is not there', () => {
    const names = SOURCES.map(({ name }) => name);
    const posted = readSnippets(PAGE).flatMap(({ text }) =>
      [...text.matchAll(/\/alerts\/([a-z-]+)/g)].map(([, name]) => name),
    );
    expect(posted.length).toBeGreaterThan(4);
    expect(posted.filter((name) => name === undefined || !names.includes(name))).toEqual([]);
  });
});
