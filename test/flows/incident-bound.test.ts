import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../lib/domain/incident.ts';
import { changeIncident } from '../../lib/domain/incident-change.ts';
import { postUpdate, resolve, type Step } from '../../lib/domain/incident-steps.ts';
import { changeStored } from '../../lib/flows/change-incident.ts';
import { deliverDue } from '../../lib/flows/deliver-due.ts';
import { holdChannel } from '../../lib/flows/pace.ts';
import { momentOf, type Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { readTimeline } from '../../lib/flows/write-documents.ts';
import { makeArrival, makeDiagnosis } from '../make.ts';
import { openWorld, type World } from './world.ts';

const INCIDENT_BYTES = 40_000;
const ALERT_BYTES = 24_000;
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

let world: World;
let parts: Parts;
/** The largest stored incident and alert, and every timeline entry that was ever to be filed, by incident. */
let largest = { incident: 0, alert: 0 };
let entries = new Map<string, Set<string>>();

const note = (incident: Incident): void => {
  largest.incident = Math.max(largest.incident, bytesOf(incident));
  const ids = entries.get(incident.id) ?? new Set();
  for (const { id } of incident.outbox.unfiled) ids.add(id);
  entries.set(incident.id, ids);
};

beforeEach(async () => {
  world = await openWorld();
  largest = { incident: 0, alert: 0 };
  entries = new Map();
  const { store } = world.parts;
  parts = {
    ...world.parts,
    store: {
      ...store,
      write: async (kind, key, record, ifVersion, dueMs) => {
        const version = await store.write(kind, key, record, ifVersion, dueMs);
        if (version === null) return null;
        const stored = kind === 'incident' ? await store.read('incident', key) : null;
        if (stored) note(stored.record);
        if (kind === 'alert') largest.alert = Math.max(largest.alert, bytesOf(record));
        return version;
      },
    },
  };
});
afterEach(() => world.close());

let jobs = 0;
const receive = async (count: number, title: string, change = {}): Promise<string> => {
  const jobId = `job-${++jobs}`;
  const link = `https://prometheus.example/graph?g0.expr=${'x'.repeat(200)}`;
  const [id = ''] = await receiveAlerts(
    parts,
    Array.from({ length: count }, (_, nth) =>
      makeArrival(jobId, jobs, {
        key: `${nth}`.padStart(64, 'k'),
        title: `${nth} ${title}`,
        summary: '😀'.repeat(3_000),
        link,
        ...change,
      }),
    ),
  );
  return id;
};

const take = (id: string, step: (incident: Incident) => Step) =>
  changeStored(parts, id, (incident) => {
    const taken = step(incident);
    return 'incident' in taken ? { incident: taken.incident, answer: null } : { answer: null };
  });

const expectNothingLost = async (id: string): Promise<void> => {
  const filed = new Set((await readTimeline(parts, await world.incident(id))).map((entry) => entry.id));
  expect([...(entries.get(id) ?? [])].filter((one) => !filed.has(one))).toEqual([]);
};

const TITLES = ['High latency', '"'.repeat(5_000), '漢'.repeat(5_000), '😀'.repeat(2_500), '\\'.repeat(5_000)];

const deeds = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('alerts' as const),
      count: fc.constantFrom(1, 3, 60, 200),
      title: fc.constantFrom(...TITLES),
      state: fc.constantFrom('firing' as const, 'resolved' as const),
    }),
    fc.record({ kind: fc.constant('says' as const), text: fc.constantFrom(...TITLES) }),
    fc.record({ kind: fc.constant('diagnosed' as const), text: fc.constantFrom(...TITLES) }),
    fc.record({ kind: fc.constant('delivers' as const), minutes: fc.integer({ min: 0, max: 90 }) }),
    fc.record({ kind: fc.constant('resolves' as const) }),
  ),
  { minLength: 10, maxLength: 40 },
);

describe('an incident', () => {
  it('stays below 40 kB whatever is thrown at it while Slack is down, and loses nothing of its timeline', async () => {
    await world.breakSlack('500', 1_000_000);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(deeds, async (plan) => {
        const group = `group-${++run}`;
        const id = await receive(1, 'first', { group, key: `first-${run}` });
        for (const deed of plan) {
          switch (deed.kind) {
            case 'alerts':
              await receive(deed.count, deed.title, { group, state: deed.state });
              break;
            case 'says':
              await take(id, (incident) => postUpdate(incident, 'U0MAYA', deed.text, momentOf(parts)));
              break;
            case 'diagnosed':
              await changeStored(parts, id, (incident) => {
                const happening = { kind: 'diagnosed', actor: 'mistral-triage', text: deed.text } as const;
                const patch = {
                  diagnosis: makeDiagnosis('problem', 'auth.invalid_key', { cause: deed.text.slice(0, 300) }),
                };
                const told = { ...happening, note: { kind: 'diagnosis' } } as const;
                return { incident: changeIncident(incident, momentOf(parts), patch, [told]), answer: null };
              });
              break;
            case 'delivers':
              world.pass(deed.minutes * 60_000);
              await deliverDue(parts, 250);
              break;
            case 'resolves':
              await take(id, (incident) => resolve(incident, { actor: 'U0MAYA', because: 'done.' }, momentOf(parts)));
              break;
          }
        }
        for (const one of entries.keys()) await expectNothingLost(one);
        expect(largest.incident).toBeLessThan(INCIDENT_BYTES);
        expect(largest.alert).toBeLessThan(ALERT_BYTES);
      }),
      { numRuns: 6 },
    );
  }, 60_000);

  it('takes 4,000 alerts of one body as one entry, and counts them all', async () => {
    const id = await receive(4_000, 'pod is down');
    const incident = await world.incident(id);
    expect(incident.totals).toMatchObject({ firing: 4_000, received: 4_000 });
    expect(incident.outbox.unfiled.map(({ text }) => text)).toEqual([
      '4000 alerts firing: 0 pod is down, 1 pod is down, 2 pod is down and 3997 more',
    ]);
    expect(largest.incident).toBeLessThan(INCIDENT_BYTES);
  }, 60_000);

  it('files its timeline also while its turn in the channel has not come', async () => {
    const id = await receive(1, 'High latency');
    await holdChannel(parts, 'incidents', 6 * 3_600_000);
    await deliverDue(parts, 250);
    expect((await world.incident(id)).outbox).toMatchObject({ unfiled: [], notBeforeMs: world.parts.clock.nowMs() });
    expect(await world.parts.store.list('timeline', `${id}#`)).toHaveLength(1);
  });

  it('has a record of each alert that stays small, however often it repeats and flaps', async () => {
    for (let nth = 0; nth < 300; nth += 1) {
      await receive(1, 'High latency', { state: nth % 2 === 0 ? 'firing' : 'resolved', startedAt: null });
      await receiveAlerts(
        parts,
        Array.from({ length: 5 }, (_, more) =>
          makeArrival(`again-${nth}-${more}`, jobs, { key: ''.padStart(64, 'k') }),
        ),
      );
    }
    expect(largest.alert).toBeLessThan(ALERT_BYTES);
    expect(largest.incident).toBeLessThan(INCIDENT_BYTES);
  }, 60_000);
});
