import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { withholdSecrets } from '../../lib/adapters/mistral/withhold.ts';
import { type LocalRun, startLocal } from '../../lib/app/local.ts';
import { readConfig } from '../../lib/config.ts';
import type { Finding } from '../../lib/domain/diagnosis.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import { askTheWorld } from '../../lib/flows/diagnose-service.ts';
import { targetOf } from '../../lib/flows/target-of.ts';
import { triageJson } from '../../lib/local/triage-json.ts';
import { renderFinding, renderTriage } from '../../lib/local/triage-text.ts';
import { judge } from '../../lib/triage/judge.ts';
import { KEY } from '../adapters/mistral/serve.ts';
import { METHODS, MODEL, type TableCase } from '../adapters/mistral/table/case.ts';
import { createPlanting } from '../adapters/mistral/table/planting.ts';
import { METRICS_VARIABLE, openPeers, type Peers, PLANTED } from './no-secret-cases-peers.ts';
import { type Sink, sinksBelow } from './no-secret-cases-sinks.ts';

const SERVICE = 'mistral-api';
const LIMIT_MS = 30_000;

/** Where the case itself waits for a limit it shall be a short one. */
const deadlineMsOf = ({ timeoutMs }: TableCase): number => (timeoutMs === undefined ? 4_000 : 2_500);

const until = async <T>(what: string, look: () => Promise<T | null> | T | null): Promise<T> => {
  const endMs = performance.now() + LIMIT_MS;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > endMs) throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
    await pause(100);
  }
};

const configOf = (one: TableCase, aroundUrl: string) =>
  readConfig({
    services: [
      {
        name: SERVICE,
        models: [MODEL],
        streams: one.asked === 'stream',
        healthUrl: `${aroundUrl}/health`,
        allowPrivate: true,
        adminKeyName: 'checkout',
        metrics: { prometheus: { url: aroundUrl, allowPrivate: true, tokenVariable: METRICS_VARIABLE } },
      },
    ],
    mayMitigate: { users: ['U0MAYA'] },
    statusPage: { url: `${aroundUrl}/page`, format: 'statuspage', allowPrivate: true },
    intervals: { probeDeadlineMs: deadlineMsOf(one), recheckMs: 600_000, routineMs: 600_000 },
    probing: { allowPrivate: true },
  });

const sendJson = (url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const shown = async ({ url }: Peers['slack']): Promise<string> =>
  (await fetch(`${url}/console/state?user=U0MAYA`)).text();

const person = { user: 'U0MAYA', channel: 'C0INCIDENTS' };

/** The first message that has the button; before it stands its own time. */
const findButton = (state: string, actionId: string): string | null => {
  const at = state.indexOf(`"${actionId}"`);
  const times = at < 0 ? [] : [...state.slice(0, at).matchAll(/"ts":"([\d.]+)"/g)];
  return times.at(-1)?.[1] ?? null;
};

const press = async (slack: Peers['slack'], actionId: string): Promise<void> => {
  await until(`${actionId} is taken`, async () => {
    const ts = findButton(await shown(slack), actionId);
    if (ts === null) return null;
    return (await sendJson(`${slack.url}/console/click`, { ...person, ts, action_id: actionId })).ok ? true : null;
  });
};

const untilShown = (slack: Peers['slack'], text: RegExp): Promise<true> =>
  until(`${text} is shown`, async () => (text.test(await shown(slack)) ? true : null));

const untilDiagnosed = ({ parts }: LocalRun): Promise<Incident> =>
  until('the incident is diagnosed', async () => {
    const [incident] = await parts.store.list('incident', '');
    return incident === undefined || incident.record.diagnosis === null ? null : incident.record;
  });

/** What `npm run triage` prints, with colour, without, as it comes and as JSON. */
const printTriage = async ({ parts }: LocalRun, mistralUrl: string) => {
  const target = targetOf(parts, { service: SERVICE, environment: 'production' });
  if (target === null) throw new Error('the service is not configured');
  const findings: Finding[] = [];
  const diagnosis = await askTheWorld(parts, target, (answer) => void findings.push(judge(answer)));
  const lines = findings.map((finding) => renderFinding(finding, { colour: false }));
  const texts = [renderTriage(diagnosis, { colour: true }), renderTriage(diagnosis, { colour: false })];
  return { findings, text: [...lines, ...texts, triageJson(diagnosis, { mistral: mistralUrl })].join('\n') };
};

const pressEverything = async (run: LocalRun, slack: Peers['slack']): Promise<Incident> => {
  const alert = { title: 'Mistral fails', state: 'firing', severity: 'P2', service: SERVICE, dedup_key: 'a' };
  const authorization = `Bearer ${PLANTED.alertsToken}`;
  const accepted = await sendJson(`${run.url}/alerts/generic`, alert, { authorization });
  if (accepted.status !== 202) throw new Error(`the alert is answered ${accepted.status}`);
  const incident = await untilDiagnosed(run);
  await press(slack, 'evidence.collect');
  await untilShown(slack, /Evidence collected/);
  // The button is there where the provider has something to mend; a message of before may still have it.
  if (findButton(await shown(slack), 'triage.ticket') !== null) await press(slack, 'triage.ticket');
  else
    await run.parts.jobs.put([
      { id: 'ticket', queue: 'jobs', body: { kind: 'ticket', incidentId: incident.id, actor: person.user } },
    ]);
  for (const text of ['/mistral-triage postmortem', '/mistral-triage'])
    await sendJson(`${slack.url}/console/command`, { ...person, text });
  await untilShown(slack, /Support ticket written/);
  await untilShown(slack, /Postmortem drafted/);
  await untilShown(slack, /Checked at /);
  return incident;
};

export type Told = {
  readonly sinks: readonly Sink[];
  /** What the question that the case is about was answered, as far as it was asked. */
  readonly judged: readonly string[];
  /** How often something was planted: by the Mistral of the case, and by what is asked besides. */
  readonly served: { readonly byMistral: number; readonly around: number };
};

const startBot = async (one: TableCase, folder: string, log: string[], peers: Peers): Promise<LocalRun> => {
  const { slack, mistral, well, around } = peers;
  const stateDir = join(folder, 'bot');
  mkdirSync(stateDir);
  const { slackToken: token, signingSecret, alertsToken, adminKey, standbyKey } = PLANTED;
  const [alertsTokens, apiUrl] = [[alertsToken], `${slack.url}/api/`];
  const run = await startLocal({
    environment: {
      host: '127.0.0.1',
      port: 0,
      stateDir,
      alertsTokens,
      slack: { token, signingSecrets: [signingSecret], channel: 'incidents', apiUrl, appToken: null },
      mistral: { key: one.key ?? KEY, standbyKey, adminKey, serverUrl: mistral.url },
    },
    config: configOf(one, around.url),
    alertsTokens,
    writeLog: (line) => void log.push(line),
    tellTrouble: (line) => void log.push(line),
  });
  slack.sendEventsTo(run.url);
  // What Slack's pace would make of so many stories is of no matter here.
  const pace = { messageMs: 1, editMs: 1, editsPerMinute: 1_000_000 };
  Object.assign(run.parts, { settings: { ...run.parts.settings, pace } });
  // Some cases are an application's own set-up of the SDK, or one question among others that are answered well.
  const method = METHODS[one.asked ?? 'models'];
  const calls = one.isAlone === true ? { ...well.calls, [method]: mistral.calls[method] } : mistral.calls;
  const keys = [one.key ?? KEY, standbyKey, adminKey];
  if (one.isAlone === true || mistral.isForeign === true)
    Object.assign(run.parts, { mistral: withholdSecrets(calls, () => Promise.resolve(keys)) });
  return run;
};

const NAMES = { models: 'models', card: `model:${MODEL}`, chat: `chat:${MODEL}`, stream: `stream:${MODEL}` } as const;

/** The whole bot on a state of its own, for one case. */
export const tellStory = async (one: TableCase): Promise<Told> => {
  const folder = mkdtempSync(join(tmpdir(), 'triage-no-secret-case-'));
  const planting = createPlanting();
  const peers = await openPeers(one, folder, planting);
  const log: string[] = [];
  const run = await startBot(one, folder, log, peers);
  try {
    const incident = await pressEverything(run, peers.slack);
    const { findings, text } = await printTriage(run, peers.mistral.url);
    const files = sinksBelow(folder);
    await run.close();
    const asked = [...(incident.diagnosis?.probes ?? []), ...findings].filter(
      ({ name, outcome }) => name === NAMES[one.asked ?? 'models'] && outcome !== 'unknown',
    );
    return {
      sinks: [
        ...files,
        { name: 'Slack', bytes: Buffer.concat(peers.slack.bodies) },
        { name: 'log', bytes: Buffer.from(log.join('\n')) },
        { name: 'terminal', bytes: Buffer.from(text) },
      ],
      judged: asked.map(({ branch, outcome }) => branch ?? outcome),
      served: { byMistral: planting.served(), around: peers.around.served() },
    };
  } finally {
    await run.close();
    await Promise.all(Object.values(peers).map(({ close }) => close()));
    rmSync(folder, { recursive: true, force: true });
  }
};
