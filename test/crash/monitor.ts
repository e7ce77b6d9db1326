import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { alertKey, groupKey } from '../../lib/domain/key.ts';
import { SERVICES } from './storm-config.ts';

/** One alert as its monitor knows it. */
export type StormAlert = { readonly service: string; readonly fingerprint: string; readonly title: string };

/** One body that the monitor sends until it gets its 202. */
export type Post = { readonly alerts: readonly StormAlert[]; readonly state: 'firing' | 'resolved' };

/** What became of one body: the 202s, and the tries of which nobody knows whether they were accepted. */
export type Tally = { accepted: number; unanswered: number };

export const ALERTS_PER_GROUP = 10;

/** 200 alerts in 20 groups, a group for each service. */
export const STORM_ALERTS: readonly StormAlert[] = SERVICES.flatMap(({ name }) =>
  Array.from({ length: ALERTS_PER_GROUP }, (_, index) => ({
    service: name,
    fingerprint: `${name}-alert-${index + 1}`,
    title: `Storm ${name} alert ${index + 1}`,
  })),
);

export const keyOf = (alert: StormAlert): string =>
  alertKey('default', 'alertmanager', ['fingerprint', alert.fingerprint]);

const groupText = (service: string): string => `{}:{service="${service}"}`;
export const groupOf = (service: string): string =>
  groupKey('default', 'alertmanager', ['groupKey', groupText(service)]);

const STARTED_AT = new Date(Date.now() - 60_000).toISOString();
const NEVER = '0001-01-01T00:00:00Z';

/** A body as Alertmanager's webhook (version 4) sends it. */
const bodyOf = ({ alerts, state }: Post): string => {
  const service = alerts[0]?.service ?? '';
  return JSON.stringify({
    version: '4',
    groupKey: groupText(service),
    status: state,
    receiver: 'mistral-triage',
    groupLabels: { service },
    commonLabels: { service },
    commonAnnotations: {},
    truncatedAlerts: 0,
    alerts: alerts.map(({ fingerprint, title }) => ({
      status: state,
      labels: { alertname: title, service, environment: 'production', severity: 'critical' },
      annotations: {},
      startsAt: STARTED_AT,
      endsAt: state === 'resolved' ? new Date().toISOString() : NEVER,
      fingerprint,
    })),
  });
};

type Answer = number | 'not-connected' | 'unanswered';

/** A fresh connection each time, so that a refused one surely delivered nothing and a broken one may have. */
const postOnce = (url: string, token: string, body: string): Promise<Answer> =>
  new Promise((resolve) => {
    const sent = request(
      `${url}/alerts/alertmanager`,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(3_000),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      },
      (response) => {
        // The status says it all; the rest of the answer may be lost with the bot.
        response.on('error', () => undefined).resume();
        resolve(response.statusCode ?? 'unanswered');
      },
    );
    sent.on('error', (error) =>
      resolve('code' in error && error.code === 'ECONNREFUSED' ? 'not-connected' : 'unanswered'),
    );
    sent.end(body);
  });

export type Monitor = {
  /** Sends one body until it got its 202; false when `signal` ended the tries. */
  readonly send: (post: Post) => Promise<boolean>;
  /** By fingerprint and state. */
  readonly tallyOf: (alert: StormAlert, state: Post['state']) => Readonly<Tally>;
  readonly accepted: () => number;
};

/** A monitor that repeats what got no 202, and remembers what did. */
export const openMonitor = (url: string, token: string, signal: AbortSignal): Monitor => {
  const tallies = new Map<string, Tally>();
  const tallyOf = ({ fingerprint }: StormAlert, state: Post['state']): Tally => {
    const name = `${state} ${fingerprint}`;
    const known = tallies.get(name) ?? { accepted: 0, unanswered: 0 };
    tallies.set(name, known);
    return known;
  };
  const note = (post: Post, answer: Answer): void => {
    for (const alert of post.alerts) {
      if (answer === 202) tallyOf(alert, post.state).accepted += 1;
      if (answer === 'unanswered') tallyOf(alert, post.state).unanswered += 1;
    }
  };
  const send = async (post: Post): Promise<boolean> => {
    while (!signal.aborted) {
      const answer = await postOnce(url, token, bodyOf(post));
      note(post, answer);
      if (answer === 202) return true;
      await pause(100 + Math.random() * 200);
    }
    return false;
  };
  return {
    send,
    tallyOf,
    accepted: () => [...tallies.values()].reduce((sum, { accepted }) => sum + accepted, 0),
  };
};
