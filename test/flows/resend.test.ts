import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeIncident } from '../../lib/domain/incident-change.ts';
import { changeStored } from '../../lib/flows/change-incident.ts';
import { deliverDue } from '../../lib/flows/deliver-due.ts';
import { momentOf, type Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { wakeTimers } from '../../lib/flows/wake-timers.ts';
import { runQueueOnce } from '../../lib/local/run-queue.ts';
import { makeArrival, makeDiagnosis } from '../make.ts';
import { shownNotes, shownRoots } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

const LEASE_OVER_MS = 31_000;

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const open = async (): Promise<string> => {
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  return id;
};
const deliver = (parts: Parts = world.parts) => deliverDue(parts, 250);
const withChat = (chat: Partial<Parts['chat']>): Parts => ({ ...world.parts, chat: { ...world.parts.chat, ...chat } });

/** A deliverer that died before it sent: nobody knows whether the message arrived. */
const leaveUncertain = async (): Promise<void> => {
  const dying = {
    ...world.parts,
    checkpoint: (step: string) => (step === 'sending' ? Promise.reject(new Error('killed')) : Promise.resolve()),
  };
  await expect(deliver(dying)).rejects.toThrow('killed');
  world.pass(LEASE_OVER_MS);
};

describe('a deliverer that looks before it sends again', () => {
  it('does not post when its lease ended during the look and somebody else posted', async () => {
    const id = await open();
    await leaveUncertain();
    let looks = 0;
    // Slack's search shows the other's message late.
    const slow = withChat({
      find: async () => {
        looks += 1;
        if (looks > 1) return [];
        world.pass(LEASE_OVER_MS);
        await deliver();
        return [];
      },
    });
    await deliver(slow);
    expect(looks).toBe(2);
    const roots = await shownRoots(world, id);
    expect(roots).toHaveLength(1);
    expect((await world.parts.store.read('delivery', `${id}#root`))?.record).toMatchObject({
      ts: roots[0]?.ts,
      lease: null,
    });
  });

  it('posts under a lease that is as long as a fresh one, however long it looked', async () => {
    const id = await open();
    await leaveUncertain();
    const leftMs: number[] = [];
    const slow = withChat({
      find: (where, mark) => {
        world.pass(12_000);
        return world.parts.chat.find(where, mark);
      },
      post: async (...args) => {
        const lease = (await world.parts.store.read('delivery', `${id}#root`))?.record.lease;
        leftMs.push((lease?.untilMs ?? 0) - world.parts.clock.nowMs());
        return world.parts.chat.post(...args);
      },
    });
    await deliver(slow);
    expect(leftMs).toEqual([30_000]);
    expect((await world.parts.store.read('delivery', `${id}#root`))?.record).toMatchObject({
      lease: null,
      uncertain: false,
    });
  });

  it('leaves no lease behind when Slack refuses what it sends after the look', async () => {
    const id = await open();
    await leaveUncertain();
    const refused = withChat({
      post: async (...args) => {
        await world.breakSlack('429', 1);
        return world.parts.chat.post(...args);
      },
    });
    await deliver(refused);
    expect((await world.parts.store.read('delivery', `${id}#root`))?.record).toMatchObject({
      lease: null,
      lastFailure: 'rate-limited',
    });
  });
});

describe('a note that was sent again', () => {
  it('loses its duplicate to a sweep of its own, and keeps the recorded one', async () => {
    const id = await open();
    await deliver();
    await receiveAlerts(world.parts, [makeArrival('job-2', 5, { key: 'key-2', title: 'Second' })]);
    await leaveUncertain();
    await deliver();
    const [note] = (await world.incident(id)).timers.filter(({ kind }) => kind === 'sweep-duplicates');
    const told = (await world.parts.store.read('delivery', `${id}#${note?.refId}`))?.record;
    const root = (await world.parts.store.read('delivery', `${id}#root`))?.record;
    const mark = {
      eventType: 'mistral_incident_note',
      payload: { incident_id: id, note_id: (note?.refId ?? '').replace('note:', '') },
    };
    const thread = { channel: root?.channel ?? '', threadTs: root?.ts ?? null };
    await world.parts.chat.post(thread, { text: 'again', blocks: [] }, mark);
    await world.parts.chat.post(
      thread,
      { text: 'other', blocks: [] },
      { ...mark, payload: { ...mark.payload, note_id: 'other' } },
    );
    world.pass(90_000);
    await wakeTimers(world.parts, { incidentIds: [id] });
    await runQueueOnce(world.parts, { queue: 'jobs', atOnce: 50, leaseMs: 15_000 });
    expect((await shownNotes(world)).map(({ ts, text }) => (ts === told?.ts ? 'told' : text))).toEqual([
      'told',
      'other',
    ]);
    expect(await shownRoots(world, id)).toHaveLength(1);
    expect((await world.incident(id)).timers.filter(({ kind }) => kind === 'sweep-duplicates')).toEqual([]);
  });
});

describe('diagnoses that were found while Slack was down', () => {
  it('each arrive in their own words, and only the newest with how we know it', async () => {
    const id = await open();
    const refused = makeDiagnosis('problem', 'auth.invalid_key', { cause: 'Mistral does not accept our key.' });
    const failing = makeDiagnosis('problem', 'provider.5xx', {
      cause: 'Mistral fails on its side.',
      path: [{ question: 'Does Mistral answer?', answer: 'no: 503' }],
    });
    for (const diagnosis of [failing, refused, failing]) {
      await changeStored(world.parts, id, (incident) => ({
        incident: changeIncident(incident, momentOf(world.parts), { diagnosis }, [
          { kind: 'diagnosed', actor: 'mistral-triage', text: diagnosis.cause, note: { kind: 'diagnosis' } },
        ]),
        answer: null,
      }));
      world.pass(1_000);
    }
    await deliver();
    const notes = (await shownNotes(world)).map(({ text, blocks }) => ({
      text,
      full: JSON.stringify(blocks).includes('503'),
    }));
    const replaced = 'This has since been replaced by a newer diagnosis.';
    expect(notes).toEqual([
      { text: `Diagnosis: Mistral fails on its side. ${replaced}`, full: false },
      { text: `Diagnosis: Mistral does not accept our key. ${replaced}`, full: false },
      { text: 'Diagnosis: Mistral fails on its side.', full: true },
    ]);
  });
});
