import { expect } from 'vitest';
import type { Alert } from '../../lib/domain/alert.ts';
import type { Incident } from '../../lib/domain/incident.ts';
import type { JobBody, SlackRequest } from '../../lib/domain/job.ts';
import type { Lease } from '../../lib/domain/lease.ts';
import { readAudit } from '../../lib/flows/audit.ts';
import { verifyAudit } from '../../lib/report/audit.ts';
import { renderIncident } from '../../templates/incident.ts';
import { shownNotes, shownRoots } from '../flows/slack-view.ts';
import { openWorld, type World } from '../flows/world.ts';
import { at, makeAlert } from '../make.ts';
import { type Death, openMortal } from './mortal.ts';

const SECRET = 'MISTRAL_SECRET_ID';

export type StoryKind = 'rotate-key' | 'enable-fallback';

/** Accepted is durable: what stands in the queue here was answered 202 or acknowledged. */
const accept = (world: World, id: string, body: JobBody): Promise<void> =>
  world.parts.jobs.put([{ id, queue: 'jobs', body }]);

const acceptAlert = (world: World, id: string, seconds: number, change: Partial<Alert>): Promise<void> =>
  accept(world, id, { kind: 'alerts', alerts: [makeAlert(change)], acceptedAt: at(seconds), truncated: null });

const press = (world: World, id: string, action: string, value: string): Promise<void> => {
  const request: SlackRequest = {
    user: 'U0MAYA',
    team: 'T0TRIAGE',
    channel: 'C0INCIDENTS',
    messageTs: null,
    action,
    value,
    isBot: false,
  };
  return accept(world, id, { kind: 'slack', request, acceptedAt: at(0) });
};

const incidentOf = async (world: World, group: string): Promise<Incident> => {
  const stored = (await world.parts.store.list('incident', '')).map(({ record }) => record);
  const [incident, ...others] = stored.filter((one) => one.group === group);
  expect(others).toEqual([]);
  if (!incident) throw new Error(`no incident of ${group}`);
  return incident;
};

const theIncident = (world: World): Promise<Incident> => incidentOf(world, 'group-1');

const theLease = async (world: World): Promise<Lease> => {
  const [stored, ...others] = await world.parts.store.list('lease', '');
  expect(others).toEqual([]);
  if (!stored) throw new Error('no lease');
  return stored.record;
};

/** Two alerts of a group, one of them twice, and one of another group, all in one batch. */
const fire = async (world: World): Promise<void> => {
  await acceptAlert(world, 'job-1', 1, {});
  await acceptAlert(world, 'job-2', 2, { key: 'key-2', title: 'API down' });
  await acceptAlert(world, 'job-3', 3, {});
  await acceptAlert(world, 'job-4', 3, { key: 'key-3', group: 'group-2' });
};

/**
 * Alerts fire; a mitigation is pressed twice; its undo is pressed twice and an alert is resolved. One death somewhere in it. Returns
 * whether the story was long enough for the death; whenever the bot rests, everything must be as if nobody had died.
 */
export const tellStory = async (kind: StoryKind, death: Death): Promise<boolean> => {
  const world = await openWorld();
  try {
    const mortal = openMortal(world, death, () => lookAtDeath(world, kind, death));
    await world.parts.mistral.chatOnce('test-key-current', 'mistral-small-latest', 2_000);
    await world.breakMistral('revoked-key');
    await fire(world);
    await mortal.settle();
    await expectShown(world);
    const { id } = await theIncident(world);
    await press(world, 'press-1', `mitigation.${kind}`, id);
    await press(world, 'press-2', `mitigation.${kind}`, id);
    await mortal.settle();
    await expectShown(world);
    const lease = await theLease(world);
    expect(lease).toMatchObject({ kind, state: 'active' });
    await expectChanged(world, kind);
    await press(world, 'press-3', 'mitigation.undo', lease.id);
    await press(world, 'press-4', 'mitigation.undo', lease.id);
    await acceptAlert(world, 'job-5', 5, { key: 'key-2', title: 'API down', state: 'resolved', endedAt: at(5) });
    await mortal.settle();
    await expectAsIfNobodyDied(world, kind);
    return mortal.hasDied();
  } finally {
    await world.close();
  }
};

/** Each step is where its name says: what comes before it is there, what comes after it is not. */
const lookAtDeath = async (world: World, kind: StoryKind, { at: place }: Death): Promise<void> => {
  const lease = (await world.parts.store.list('lease', ''))[0]?.record;
  const steps = lease ? (await readAudit(world.parts, lease.incidentId)).map(({ step }) => step) : [];
  const deliveries = (await world.parts.store.list('delivery', '')).map(({ record }) => record);
  const shown = (await shownRoots(world)).length + (await shownNotes(world)).length;
  const recorded = deliveries.filter(({ ts }) => ts !== null).length;
  const isUndo = lease?.state === 'reverting';
  const changes = await countChanges(world, kind);
  switch (place) {
    case 'saving':
      return expect((await world.parts.store.list('alert', '')).length).toBe(3);
    case 'sending':
      return expect({ shown, uncertain: deliveries.filter(({ uncertain }) => uncertain).length }).toEqual({
        shown: recorded,
        uncertain: 1,
      });
    case 'sent':
      return expect(shown).toBe(recorded + 1);
    case 'intended':
      return expect({ last: steps.at(-1), changes }).toEqual({
        last: isUndo ? 'undo-intent' : 'intent',
        changes: isUndo ? 1 : 0,
      });
    case 'effected':
      return expect({ last: steps.at(-1), changes }).toEqual({
        last: isUndo ? 'undo-intent' : 'intent',
        changes: isUndo ? 2 : 1,
      });
    case 'effect':
      return;
  }
};

/** How often the key or the controls have been changed. */
const countChanges = async (world: World, kind: StoryKind): Promise<number> => {
  if (kind === 'rotate-key') return (await movesOf(world)).filter((label) => label === 'AWSCURRENT').length;
  return (await world.parts.store.read('control', 'production/mistral-api'))?.record.version ?? 0;
};

const movesOf = async (world: World): Promise<readonly string[]> =>
  (await world.state.secrets.moves(SECRET)).slice(2).map(({ label }) => label.replace(/-LSE.*/, ''));

const ROTATED = ['HELD', 'AWSCURRENT', 'AWSPREVIOUS', 'STANDBY'];

const expectChanged = async (world: World, kind: StoryKind): Promise<void> => {
  const text = await world.parts.projection.current('production', 'mistral-api');
  if (kind === 'rotate-key') expect(await movesOf(world)).toEqual(ROTATED);
  else expect(JSON.parse(text ?? '{}')).toMatchObject({ version: 1, fallback: true });
};

const expectAsIfNobodyDied = async (world: World, kind: StoryKind): Promise<void> => {
  const incident = await theIncident(world);
  expect(incident.totals).toEqual({ firing: 1, resolved: 1, nodata: 0, received: 4 });
  expect(incident.alerts.map(({ key, count, state }) => ({ key, count, state }))).toEqual(
    expect.arrayContaining([
      { key: 'key-1', count: 2, state: 'firing' },
      { key: 'key-2', count: 1, state: 'resolved' },
    ]),
  );
  const other = await incidentOf(world, 'group-2');
  expect(other.totals).toEqual({ firing: 1, resolved: 0, nodata: 0, received: 1 });
  expect(other.alerts).toMatchObject([{ key: 'key-3', count: 1 }]);
  await expectShown(world);
  await expectNotes(world);
  await expectMitigation(world, kind);
  expect(await world.state.jobs.deadLetters()).toEqual([]);
};

/** Every incident has one root message, which shows what is stored. */
const expectShown = async (world: World): Promise<void> => {
  const incidents = (await world.parts.store.list('incident', '')).map(({ record }) => record);
  expect(incidents).toHaveLength(2);
  expect(await shownRoots(world)).toHaveLength(2);
  for (const incident of incidents) {
    const roots = await shownRoots(world, incident.id);
    const wanted = renderIncident(incident);
    expect(roots.map(({ text }) => text)).toEqual([wanted.text]);
    expect(withoutIds(roots[0]?.blocks)).toEqual(withoutIds(wanted.blocks));
    expect(incident.outbox).toEqual({ notes: [], unfiled: [], notBeforeMs: null });
  }
};

const withoutIds = (blocks: readonly unknown[] = []): unknown =>
  JSON.parse(JSON.stringify(blocks, (name, value: unknown) => (name === 'block_id' ? undefined : value)));

const expectNotes = async (world: World): Promise<void> => {
  const told = (await shownNotes(world)).map(({ metadata }) => metadata?.event_payload['note_id'] ?? '');
  expect(new Set(told).size, 'a note is told once').toBe(told.length);
  const { id } = await theIncident(world);
  const timeline = (await world.parts.store.list('timeline', `${id}#`)).map(({ record }) => record);
  const done = timeline.filter(({ kind: of }) => of === 'diagnosed' || of === 'status-changed');
  for (const entry of done) expect(told, entry.text).toContain(entry.id);
  expect(timeline.filter(({ kind: of }) => of === 'diagnosed')).toHaveLength(1);
  expect(timeline.filter(({ kind: of }) => of === 'alert-resolved')).toHaveLength(1);
};

const expectMitigation = async (world: World, kind: StoryKind): Promise<void> => {
  const lease = await theLease(world);
  expect(lease.state).toBe('reverted');
  const incident = await theIncident(world);
  expect(incident.mitigations.map(({ id, state }) => ({ id, state }))).toEqual([{ id: lease.id, state: 'reverted' }]);
  const audit = await readAudit(world.parts, incident.id);
  expect(verifyAudit(audit)).toEqual({ ok: true });
  expectSteps(audit.map(({ step }) => step));
  expect(audit.find(({ step }) => step === 'outcome')?.text).toMatch(/^active: /);
  expect(audit.at(-1)?.text).toMatch(/^done: /);
  if (kind === 'rotate-key') {
    expect(await movesOf(world)).toEqual([...ROTATED, 'AWSCURRENT', 'AWSPREVIOUS', 'STANDBY', 'HELD']);
    return;
  }
  const control = await world.parts.store.read('control', 'production/mistral-api');
  const text = await world.parts.projection.current('production', 'mistral-api');
  expect(control?.record).toMatchObject({ version: 2, leases: [], published: text });
};

/** An undo whose lease was not moved before the death is done again, with a pair of its own. */
const expectSteps = (steps: readonly string[]): void => {
  const undo = ['undo-intent', 'undo-outcome'];
  const once = ['requested', 'intent', 'outcome', ...undo];
  expect([once, [...once, ...undo]]).toContainEqual(steps);
};
