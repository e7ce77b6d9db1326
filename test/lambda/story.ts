import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { openStore } from '../../lib/adapters/aws/store.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import type { Store } from '../../lib/ports/store.ts';
import { callDynamoAt } from '../adapters/aws/make-table.ts';
import type { ShownMessage } from '../crash/slack-console.ts';
import { askAws } from './ask-aws.ts';
import { ALERTS_TOKEN, BUCKET, KEYS, MISTRAL_SECRET, SLACK } from './peers.ts';
import type { Answer, Stack } from './stack.ts';

/** A real body of Alertmanager, of the service that the configuration names. */
export const ALERT = readFileSync(
  new URL('../fixtures/alerts/alertmanager/real-0.25-first-firing.json', import.meta.url),
  'utf8',
);

/** Checks that follow each other within seconds, so that a test can watch a recovery; whoever is on call may rotate. */
export const QUICK_CONFIG = `import { defineConfig } from './lib/config.ts';
export default defineConfig({
  services: [{ name: 'mistral-api', environment: 'production', models: ['mistral-small-latest'] }],
  mayMitigate: { users: ['U0MAYA'], groups: [] },
  intervals: {
    recheckMs: 1_000, limitedRecheckMs: 1_000, routineMs: 60_000, quietMs: 2_000, reopenWithinMs: 600_000, probeDeadlineMs: 5_000,
  },
});
`;

export const postAlert = (stack: Stack, body: string = ALERT): Promise<Answer> =>
  stack.http('alerts', {
    method: 'POST',
    path: '/alerts/alertmanager',
    headers: { authorization: `Bearer ${ALERTS_TOKEN}`, 'content-type': 'application/json' },
    body: Buffer.from(body),
  });

export const postDeployment = (stack: Stack, told: object): Promise<Answer> =>
  stack.http('alerts', {
    method: 'POST',
    path: '/deployments',
    headers: { authorization: `Bearer ${ALERTS_TOKEN}`, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(told)),
  });

export const openStackStore = (stack: Stack): Store =>
  openStore({ call: callDynamoAt(stack.peers.dynamodb), table: stack.peers.table, clock: { nowMs: Date.now } });

export const incidentsIn = async (stack: Stack): Promise<readonly Incident[]> => {
  return (await openStackStore(stack).list('incident', '')).map(({ record }) => record);
};

export const roots = (stack: Stack): Promise<readonly ShownMessage[]> => stack.peers.console.roots(SLACK.channel);

const LABELS = z.object({ VersionIdsToStages: z.record(z.string(), z.array(z.string())) });
const VALUE = z.object({ SecretString: z.string() });

/** Label to the value under it, in the Secrets Manager that somebody else wrote. */
export const labelledKeys = async (stack: Stack): Promise<Readonly<Record<string, string>>> => {
  const asked = { SecretId: MISTRAL_SECRET };
  const { VersionIdsToStages } = LABELS.parse(await askAws(stack.peers.moto, 'secretsmanager.DescribeSecret', asked));
  const found: Record<string, string> = {};
  for (const [VersionId, labels] of Object.entries(VersionIdsToStages)) {
    const value = VALUE.parse(
      await askAws(stack.peers.moto, 'secretsmanager.GetSecretValue', { ...asked, VersionId }),
    ).SecretString;
    for (const label of labels) found[label] = value;
  }
  return found;
};

export const breakMistral = async (stack: Stack, fault: string): Promise<void> => {
  const answer = await fetch(`${stack.peers.mistral}/control/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fault }),
  });
  if (!answer.ok) throw new Error(`embedded Mistral: ${answer.status}`);
};

export const breakSlack = async (stack: Stack, mode: string, count?: number): Promise<void> => {
  const order = { mode, ...(count === undefined ? {} : { count }) };
  await fetch(`${stack.peers.slack}/console/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
};

/** Works on until `holds`, the schedule coming as often as it must. Throws what it saw last. */
export const workUntil = async (
  stack: Stack,
  what: string,
  holds: () => Promise<boolean>,
  limitMs = 60_000,
): Promise<void> => {
  const untilMs = Date.now() + limitMs;
  for (;;) {
    await stack.drain(200);
    if (await holds()) return;
    if (Date.now() > untilMs) {
      const seen = (await incidentsIn(stack)).map(({ id, status, timers, outbox }) => ({ id, status, timers, outbox }));
      throw new Error(`not within ${limitMs} ms: ${what}\n${JSON.stringify(seen)}\n${stack.output().slice(-6000)}`);
    }
    await stack.tick().catch(() => undefined);
    await pause(300);
  }
};

const showsButton = (message: ShownMessage | undefined, actionId: string): boolean =>
  JSON.stringify(message?.blocks ?? []).includes(`"action_id":"${actionId}"`);

/** Waits for a button on the one root message and presses it until it had its effect: as a person does whom Slack asks to press again. */
const press = async (stack: Stack, actionId: string, hasEffect: () => Promise<boolean>): Promise<void> => {
  await workUntil(stack, `button ${actionId}`, async () => showsButton((await roots(stack))[0], actionId));
  for (let tries = 0; tries < 20; tries += 1) {
    await pressOne(stack, SLACK.channel, actionId);
    for (let looks = 0; looks < 5; looks += 1) {
      await stack.drain(200);
      if (await hasEffect()) return;
      await pause(200);
    }
  }
  throw new Error(`${actionId} never had an effect\n${stack.output().slice(-6000)}`);
};

/** Presses the first such button in the channel, where there is one. */
export const pressOne = async (stack: Stack, channel: string, actionId: string): Promise<void> => {
  const message = (await stack.peers.console.roots(channel)).find((one) => showsButton(one, actionId));
  if (message !== undefined) await stack.peers.console.click(channel, message.ts, actionId);
};

/** Names of the objects in the evidence bucket. */
export const objectsIn = async (stack: Stack): Promise<readonly string[]> => {
  const listed = await (await fetch(`${stack.peers.fauxqs}/${BUCKET}?list-type=2`)).text();
  return [...listed.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = '']) => key);
};

/** The whole story: a revoked key, found out, rotated by a click, recovered, resolved, and its evidence kept. */
export const tellStory = async (stack: Stack): Promise<Incident> => {
  await breakMistral(stack, 'revoked-key');
  await postUntilAccepted(stack);
  const isRotated = async () => (await labelledKeys(stack))['AWSCURRENT'] === KEYS.standby;
  await press(stack, 'mitigation.rotate-key', isRotated);
  const hasArchive = async () => (await objectsIn(stack)).some((name) => name.endsWith('.tar.gz'));
  await press(stack, 'evidence.collect', hasArchive);
  await postUntilAccepted(stack, ALERT.replaceAll('"status":"firing"', '"status":"resolved"'));
  // Where Slack may or may not have taken a message, the next try waits for the end of a lease of 30 s.
  await workUntil(
    stack,
    'resolved and told',
    async () => {
      const [incident] = await incidentsIn(stack);
      return incident?.status === 'resolved' && incident.outbox.notBeforeMs === null;
    },
    180_000,
  );
  const [incident] = await incidentsIn(stack);
  if (incident === undefined) throw new Error('no incident');
  return incident;
};

/** As every monitor does it: again until it is accepted. */
export const postUntilAccepted = async (stack: Stack, body: string = ALERT): Promise<void> => {
  for (let tries = 0; tries < 30; tries += 1) {
    const answer = await postAlert(stack, body).catch(() => null);
    if (answer?.statusCode === 202) return;
    await pause(200);
  }
  throw new Error('the alert was never accepted');
};
