import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { LocalRun } from '../app/local.ts';
import type { Incident } from '../domain/incident.ts';
import { openIncidents } from '../flows/answer-command.ts';
import { readTimeline } from '../flows/write-documents.ts';
import { tell } from './commands.ts';
import alertBody from './demo-alert.json' with { type: 'json' };
import { readRootMessage, readWhispers } from './demo-slack.ts';

/** The step that did not come true, in words. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

const STEP_LIMIT_MS = 12_000;
const LOOK_MS = 50;

/** The whole job, step by step; each is looked for in the state, in Slack or on disk before it is told. */
export const tellStory = async (run: LocalRun, token: string): Promise<void> => {
  let step = 0;
  const next = (text: string): void => {
    step += 1;
    tell('');
    tell(`${step}. ${text}`);
  };
  await waitFor('the first routine check is good', async () =>
    (await fetch(`${run.url}/health`)).status === 200 ? true : null,
  );
  next('All is well: the bot runs, the Mistral API answers its key.');
  await breakKey(run);
  next('The key of mistral-api is revoked. The application gets 401; its monitor notices.');
  await postAlert(run, token, 'firing');
  next('A real Alertmanager body was posted and answered 202: it is on disk.');
  const opened = await incidentWith(run, 'an incident is opened', () => true);
  const root = await waitFor('the incident message is in Slack', () => readRootMessage(run.url, opened.id));
  next(`Incident ${opened.id} is in Slack, one message: ${root}`);
  const diagnosed = await incidentWith(
    run,
    'the cause is found',
    (incident) => incident.diagnosis?.branch === 'auth.invalid_key',
  );
  next(`Diagnosis: ${diagnosed.diagnosis?.cause ?? ''}`);
  await mendKey(run, opened.id, next);
  await recover(run, token, opened.id, next);
  await writeDown(run, opened.id, next);
};

type Next = (text: string) => void;

const mendKey = async (run: LocalRun, id: string, next: Next): Promise<void> => {
  await click(run, 'U0MAYA', id, 'incident.acknowledge');
  await incidentWith(run, 'it is acknowledged', (incident) => incident.acknowledgedBy === 'U0MAYA');
  next('Maya, on call, pressed Acknowledge.');
  await click(run, 'U0NOAH', id, 'mitigation.rotate-key');
  await seeRefused(run, id);
  next('Noah, who may not, pressed Rotate key: refused. He alone is told why and whom to ask; no mitigation exists.');
  await click(run, 'U0MAYA', id, 'mitigation.rotate-key');
  const rotated = await incidentWith(run, 'the key is rotated', (incident) =>
    incident.mitigations.some(({ state }) => state === 'active'),
  );
  if (rotated.mitigations.length !== 1) throw new StepFailed('only one rotation was allowed');
  next(`Maya pressed Rotate key: ${rotated.mitigations[0]?.outcome ?? ''}`);
};

/** Told to the person in words; the timeline keeps it, and no mitigation comes of it. */
const seeRefused = async (run: LocalRun, id: string): Promise<void> => {
  await waitFor('Noah is told that he may not', async () => {
    const told = await readWhispers(run.url, 'U0NOAH');
    return told.some((text) => text.includes('*Rotate key* was not run')) ? true : null;
  });
  const stored = await run.parts.store.read('incident', id);
  const leases = await run.parts.store.list('lease', '');
  if (stored?.record.mitigations.length !== 0 || leases.length > 0)
    throw new StepFailed('the refused press changed nothing');
};

const recover = async (run: LocalRun, token: string, id: string, next: Next): Promise<void> => {
  await incidentWith(
    run,
    'three checks in a row are good',
    (incident) => incident.status === 'monitoring' && incident.goodChecks >= 3,
  );
  next('Three good checks of the model with the new key, in a row: monitoring.');
  await postAlert(run, token, 'resolved');
  await waitFor('the incident resolves itself', async () => {
    const stored = await run.parts.store.read('incident', id);
    return stored?.record.status === 'resolved' ? true : null;
  });
  const root = await waitFor('its one message shows that it is resolved', async () => {
    const shown = await readRootMessage(run.url, id);
    return shown?.includes('Resolved') ? shown : null;
  });
  next(`The alert ended, a quiet window passed. Still one message, edited: ${root}`);
};

const writeDown = async (run: LocalRun, id: string, next: Next): Promise<void> => {
  await click(run, 'U0MAYA', id, 'evidence.collect');
  await click(run, 'U0MAYA', id, 'postmortem.draft');
  const { parts } = run;
  const manifest = await waitFor('the evidence is on disk', () => parts.documents.get(`evidence/${id}/manifest.json`));
  await waitFor('the archive is on disk', () => parts.documents.get(`evidence/${id}.tar.gz`));
  const postmortem = await waitFor('the postmortem is on disk', () => parts.documents.get(`postmortems/${id}.md`));
  const files = await countGoodFiles(run, id, manifest);
  if (!Buffer.from(postmortem).toString('utf8').includes(id))
    throw new StepFailed('the postmortem is of this incident');
  next(
    `Evidence is on disk: ${files} files, each with the hash that its manifest says. So is a draft of the postmortem.`,
  );
  tell(`   evidence/${id}/, evidence/${id}.tar.gz, postmortems/${id}.md`);
  await waitFor('the thread is told everything', async () => ((await isAllTold(run, id)) ? true : null));
};

/** Both documents are told after they are written, so that an outbox which is empty already proves nothing. */
const isAllTold = async ({ parts }: LocalRun, id: string): Promise<boolean> => {
  const stored = await parts.store.read('incident', id);
  if (!stored || stored.record.outbox.notBeforeMs !== null) return false;
  const kinds = (await readTimeline(parts, stored.record)).map(({ kind }) => kind);
  return kinds.includes('evidence') && kinds.includes('postmortem');
};

const manifestSchema = z.object({ files: z.array(z.object({ name: z.string(), sha256: z.string() })) });

const countGoodFiles = async ({ parts }: LocalRun, id: string, manifest: Uint8Array): Promise<number> => {
  const { files } = manifestSchema.parse(JSON.parse(Buffer.from(manifest).toString('utf8')));
  for (const { name, sha256 } of files) {
    const file = await parts.documents.get(`evidence/${id}/${name}`);
    if (file === null || createHash('sha256').update(file).digest('hex') !== sha256)
      throw new StepFailed(`the evidence file ${name} is as its manifest says`);
  }
  return files.length;
};

const waitFor = async <T>(what: string, look: () => Promise<T | null>): Promise<T> => {
  const endMs = Date.now() + STEP_LIMIT_MS;
  while (Date.now() < endMs) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new StepFailed(what);
};

const incidentWith = (run: LocalRun, what: string, fits: (incident: Incident) => boolean): Promise<Incident> =>
  waitFor(what, async () => (await openIncidents(run.parts)).find(fits) ?? null);

const breakKey = async (run: LocalRun): Promise<void> => {
  const answer = await postJson(`${run.embeddedMistralUrl}/control/fault`, { fault: 'revoked-key' });
  if (!answer.ok) throw new StepFailed('the embedded Mistral takes the fault');
};

const postAlert = async (run: LocalRun, token: string, status: 'firing' | 'resolved'): Promise<void> => {
  const now = new Date().toISOString();
  const startedAt = new Date(Date.now() - 60_000).toISOString();
  const alerts = alertBody.alerts.map((alert) => ({
    ...alert,
    status,
    startsAt: startedAt,
    endsAt: status === 'resolved' ? now : alert.endsAt,
  }));
  const answer = await postJson(
    `${run.url}/alerts/alertmanager`,
    { ...alertBody, status, alerts },
    { authorization: `Bearer ${token}` },
  );
  if (answer.status !== 202) throw new StepFailed(`the ${status} alert is accepted (the answer was ${answer.status})`);
};

const click = async (run: LocalRun, user: string, incidentId: string, actionId: string): Promise<void> => {
  const ts = await waitFor(`the button ${actionId} is in the message`, () => findTs(run, incidentId, actionId));
  const answer = await postJson(`${run.url}/console/click`, { user, channel: 'C0INCIDENTS', ts, action_id: actionId });
  if (!answer.ok) throw new StepFailed(`the click on ${actionId} is taken`);
};

const findTs = async (run: LocalRun, incidentId: string, actionId: string): Promise<string | null> => {
  const shown = await readRootMessage(run.url, incidentId, actionId);
  const delivery = await run.parts.store.read('delivery', `${incidentId}#root`);
  return shown === null ? null : (delivery?.record.ts ?? null);
};

const postJson = (url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
