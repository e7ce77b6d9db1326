import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { State } from '../../lib/app/local-state.ts';
import { verifyAudit } from '../../lib/report/audit.ts';
import { renderIncident } from '../../templates/incident.ts';
import { STEPS } from './killer.ts';
import { groupOf, keyOf, type Monitor, STORM_ALERTS } from './monitor.ts';
import { stopAll } from './processes.ts';
import { type Kept, readAlertRecords, readChanged, serviceOf } from './proof.ts';
import type { ShownMessage, SlackConsole } from './slack-console.ts';
import { KILLS, KILLS_PER_STEP, type Storm } from './storm.ts';
import { SERVICES } from './storm-config.ts';
import { type Aftermath, surviveStorm, WHOLE_LIMIT_MS } from './survive-storm.ts';

/*
 * The promise "accepted is durable" under SIGKILL. Slack and Mistral live in processes of their own; the bot is killed sixty times
 * between the effects of law 4 (save, send, record) and law 7 (intent, effect, outcome) and at moments that nobody chose, and started
 * again, while monitors send and people press until they are heard. Then it runs once in peace, and everything is counted.
 */

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Blocks as they were sent: Slack names those that came without a name. */
const withoutIds = (blocks: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] =>
  blocks.map(({ block_id: _named, ...block }) => block);

const idsOf = (messages: readonly ShownMessage[], eventType: string, name: string): readonly string[] =>
  messages.flatMap(({ metadata }) =>
    metadata?.event_type === eventType ? [metadata.event_payload[name] ?? 'unnamed'] : [],
  );

describe('the bot, killed again and again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mistral-triage-crash-'));
  let aftermath: Aftermath;
  let storm: Storm;
  let monitor: Monitor;
  let slack: SlackConsole;
  let state: State;
  let kept: readonly Kept[];

  beforeAll(async () => {
    aftermath = await surviveStorm(folder);
    ({ storm, monitor, slack, state, kept } = aftermath);
    for (const line of aftermath.report) say(line);
  }, WHOLE_LIMIT_MS);

  afterAll(async () => {
    await stopAll();
    await state?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('died often enough at every step', () => {
    expect(storm.kills).toBeGreaterThanOrEqual(KILLS);
    for (const step of STEPS) expect(storm.deaths[step], step).toBeGreaterThanOrEqual(KILLS_PER_STEP);
    expect(storm).toMatchObject({ posts: STORM_ALERTS.length + 2 * SERVICES.length, pressed: SERVICES.length });
  });

  it('came to rest with nothing left to do, and stopped when it was asked to', () => {
    expect(aftermath.ended).toEqual({ unrest: [], code: 0, signal: null });
  });

  it('has one incident for each group, and each accepted alert in exactly that one', async () => {
    expect(kept.map(({ incident }) => incident.group).toSorted()).toEqual(
      SERVICES.map(({ name }) => groupOf(name)).toSorted(),
    );
    const records = await readAlertRecords(state);
    expect(records.size).toBe(STORM_ALERTS.length);
    for (const alert of STORM_ALERTS) {
      const key = keyOf(alert);
      const homes = kept.filter(({ incident }) => incident.alerts.some((member) => member.key === key));
      expect(homes.map(({ incident }) => incident.service)).toEqual([alert.service]);
      const incidentId = homes[0]?.incident.id;
      const record = records.get(key);
      expect(record?.incidentId).toBe(incidentId);
      expect(new Set(record?.applied.map((applied) => applied.incidentId))).toEqual(new Set([incidentId]));
    }
  });

  it('counted each delivery once: every 202, and nothing but tries whose answer was lost', async () => {
    const records = await readAlertRecords(state);
    let lost = 0;
    for (const alert of STORM_ALERTS) {
      const key = keyOf(alert);
      const member = kept.flatMap(({ incident }) => incident.alerts).find((one) => one.key === key);
      const firing = monitor.tallyOf(alert, 'firing');
      const resolved = monitor.tallyOf(alert, 'resolved');
      const { applied = [], repeats = [] } = records.get(key) ?? {};
      const jobs = [...applied.map(({ jobId }) => jobId), ...repeats];
      expect(new Set(jobs).size, 'a job is applied once').toBe(jobs.length);
      const count = member?.count ?? 0;
      expect(count, `${alert.title} counts every 202`).toBeGreaterThanOrEqual(firing.accepted);
      expect(count, `${alert.title} counts no more than was sent`).toBeLessThanOrEqual(
        firing.accepted + firing.unanswered,
      );
      if (resolved.accepted + resolved.unanswered === 0) expect(count, 'each job counts once').toBe(jobs.length);
      expect(member?.state).toBe(records.get(key)?.state);
      expect(member?.state).toBe(resolved.accepted > 0 ? 'resolved' : 'firing');
      lost += count - firing.accepted;
    }
    for (const { incident } of kept) {
      const deliveries = incident.alerts.map(({ key }) => records.get(key)?.tally?.received ?? 0);
      const firing = incident.alerts.filter((member) => member.state === 'firing').length;
      const resolved = incident.alerts.filter((member) => member.state === 'resolved').length;
      expect(incident.totals).toEqual({
        firing,
        resolved,
        nodata: 0,
        received: deliveries.reduce((sum, one) => sum + one, 0),
      });
    }
    say(`alerts counted although their 202 was lost on the way: ${lost}`);
  });

  it('shows each incident in exactly one root message, which says what is stored', async () => {
    for (const { incident, root } of kept) {
      const shown = await slack.roots(incident.channel);
      expect(idsOf(shown, 'mistral_incident', 'incident_id')).toEqual([incident.id]);
      expect(shown.map(({ ts }) => ts)).toEqual([root?.ts]);
      const wanted = renderIncident(incident);
      expect(shown[0]?.text).toBe(wanted.text);
      expect(withoutIds(shown[0]?.blocks ?? [])).toEqual(withoutIds(wanted.blocks));
    }
    expect(await slack.roots('incidents')).toEqual([]);
  });

  it('told every note once, in the thread of its incident', async () => {
    let told = 0;
    for (const { incident, root, notes, timeline } of kept) {
      const shown = await slack.thread(incident.channel, root?.ts ?? '');
      const ids = idsOf(shown, 'mistral_incident_note', 'note_id');
      expect(ids.toSorted()).toEqual(notes.map(({ part }) => part.slice('note:'.length)).toSorted());
      expect(shown.map(({ ts }) => ts).toSorted()).toEqual(notes.map(({ ts }) => ts).toSorted());
      const mustBeTold = timeline.filter(
        ({ kind, text }) => kind === 'diagnosed' || kind === 'status-changed' || /^Alert fir/.test(text),
      );
      // The first alert of an incident is told by the root message.
      for (const entry of mustBeTold.slice(1)) expect(ids, `${entry.kind}: ${entry.text}`).toContain(entry.id);
      told += ids.length;
    }
    say(`root messages: ${kept.length}, notes in threads: ${told}`);
  });

  it('ran each mitigation once, after its intent, with an outcome', () => {
    for (const { incident, leases, audit } of kept) {
      const wanted = serviceOf(incident)?.mitigation;
      expect(leases.map(({ kind, state: at }) => ({ kind, at }))).toEqual([{ kind: wanted, at: 'active' }]);
      expect(incident.mitigations.map(({ id, state: at }) => ({ id, at }))).toEqual([
        { id: leases[0]?.id, at: 'active' },
      ]);
      expect(audit.map(({ step }) => step)).toEqual(['requested', 'intent', 'outcome']);
      expect(audit[2]?.text).toMatch(/^active: /);
      expect(verifyAudit(audit)).toEqual({ ok: true });
    }
  });

  it('moved the labels of a rotated secret once, between intent and outcome, and no other', async () => {
    const seeded = ['AWSCURRENT', 'STANDBY'];
    for (const { incident, leases, audit } of kept) {
      const service = serviceOf(incident);
      if (service === undefined) throw new Error(`no service ${incident.service}`);
      const { moves } = await readChanged(state, aftermath.stateDir, service);
      const rotated = [`HELD-${leases[0]?.id}`, 'AWSCURRENT', 'AWSPREVIOUS', 'STANDBY'];
      const wanted = service.mitigation === 'rotate-key' ? [...seeded, ...rotated] : seeded;
      expect(moves.map(({ label }) => label)).toEqual(wanted);
      const [intendedMs = Number.NaN, endedMs = Number.NaN] = audit.slice(1).map((entry) => Date.parse(entry.at));
      for (const { label, atMs } of moves.slice(seeded.length)) {
        expect(atMs, `${label} after the intent`).toBeGreaterThanOrEqual(intendedMs);
        expect(atMs, `${label} before the outcome`).toBeLessThanOrEqual(endedMs);
      }
    }
  });

  it('changed the controls of a service once, and applications read them', async () => {
    for (const { incident, leases } of kept) {
      const service = serviceOf(incident);
      if (service === undefined) throw new Error(`no service ${incident.service}`);
      const { control, published } = await readChanged(state, aftermath.stateDir, service);
      if (service.mitigation === 'rotate-key') {
        expect({ control, published }).toEqual({ control: null, published: null });
        continue;
      }
      expect(control).toMatchObject({ version: 1, published, leases: [{ leaseId: leases[0]?.id }] });
      expect(JSON.parse(published ?? '')).toMatchObject({ version: 1, fallback: true });
    }
  });

  it('left no dead letter', async () => {
    expect(await state.jobs.deadLetters()).toEqual([]);
    say('dead letters: 0');
  });
});
