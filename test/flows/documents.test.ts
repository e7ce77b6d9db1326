import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { makeArrival } from '../make.ts';
import { press } from './press.ts';
import { shownNotes } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let id = '';
const LINK = 'http://prometheus.example:9090/graph?g0.expr=up';

beforeEach(async () => {
  world = await openWorld();
  await world.parts.mistral.chatOnce('test-key-current', 'mistral-small-latest', 2_000);
  await world.breakMistral('revoked-key');
  const alert = { key: 'b'.repeat(64), severity: 'P3', link: LINK } as const;
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0, alert)]);
  await world.settle();
});
afterEach(() => world.close());

const leaseOf = async (kind: string): Promise<string> =>
  (await world.incident(id)).mitigations.findLast((one) => one.kind === kind)?.id ?? '';
const command = (text: string): Promise<void> => press(world, 'command', text);
const wait = async (ms: number): Promise<void> => {
  world.pass(ms);
  await world.settle();
};
const read = async (name: string): Promise<string> =>
  new TextDecoder().decode((await world.parts.documents.get(name)) ?? new Uint8Array());
const postmortem = async (): Promise<string> => {
  await command(`postmortem ${id}`);
  return read(`postmortems/${id}.md`);
};
const rowOf = (text: string, begin: string): string => text.split('\n').find((line) => line.startsWith(begin)) ?? '';

describe('the documents of an incident that was rotated, undone and resolved while it was wrong', () => {
  let text = '';
  beforeEach(async () => {
    await press(world, 'incident.acknowledge', id);
    await wait(60_000);
    await press(world, 'incident.unacknowledge', id);
    await press(world, 'mitigation.enable-fallback', id, { user: 'U0NOAH' });
    await press(world, 'mitigation.enable-fallback', id);
    await press(world, 'mitigation.rotate-key', id);
    await press(world, 'mitigation.undo', await leaseOf('rotate-key'));
    await wait(31_000);
    await command(`update ${id} see https://status.example/a_b\nand wait`);
    await command(`resolve ${id} anyway`);
    text = await postmortem();
  });

  it('tell what was in effect at the end, and the rest as tried', async () => {
    expect(text).toContain(
      `In effect at the end, with no good check of the model after it: Enable fallback [lease ${await leaseOf('enable-fallback')}].`,
    );
    expect(text).toContain(`Tried: Rotate key (undone) [lease ${await leaseOf('rotate-key')}].`);
    expect(text).not.toContain('Mitigated by');
    expect(rowOf(text, '| Mitigated')).toContain('| unknown |');
  });

  it('say that an alert still fired and the key was still refused', () => {
    const wrong =
      /resolved by maya[^|]* while 1 alert still fired \[alert totals.firing\]; the cause was not gone at the last check: Mistral does not accept our key/;
    for (const begin of ['It was resolved', '| Resolved', '| Status'])
      expect(rowOf(text, begin).replace(/^\| Resolved \| [^|]+UTC, /, '')).toMatch(wrong);
    expect(rowOf(text, '| Duration')).toContain('until it was resolved, not until all was well');
  });

  it('propose what the undo has left to do', async () => {
    const [actions = ''] = text.split('## Evidence').slice(0, 1).join('').split('## Action items').slice(1);
    expect(actions).toContain('Undo Enable fallback: it is still active');
    expect(actions).toContain('Replace the refused key: it is the current one again');
    expect(actions).toContain('Find out why alerts still fire');
    expect(actions).not.toMatch(/Prepare a new standby|Delete the old key/);
  });

  it('say when the acknowledgement was taken back, and by whom', async () => {
    expect(rowOf(text, '| Acknowledged')).toMatch(/12:00:00 UTC, taken back 2026-11-20 12:01:00 UTC by maya/);
    await command(`evidence ${id}`);
    expect(JSON.parse(await read(`evidence/${id}/incident.json`))).toMatchObject({
      acknowledgedBy: null,
      acknowledgementTakenBack: { at: '2026-11-20T12:01:00.002Z', by: 'U0MAYA' },
    });
  });

  it('name people, and whoever undid it', () => {
    expect(text).not.toMatch(/U0MAYA|U0NOAH|<@/);
    const undone = text.split('\n').filter((line) => line.includes('Rotate key: ') && line.includes('| maya |'));
    expect(undone).toEqual([expect.stringContaining('The previous key is the current key again')]);
  });

  it('keep a refused press, once and not in the thread', async () => {
    expect(text).toContain('noah pressed Enable fallback and was refused: You are not among the people');
    expect(text.split('was refused: ')).toHaveLength(2);
    expect((await shownNotes(world)).map((note) => note.text).join(' ')).not.toContain('was refused: ');
  });

  it('keep the address and the lines of an update, and the words of a command', () => {
    expect(text).toContain('| maya: see `https://status.example/a_b`<br>and wait |');
    expect(text).not.toContain('[:]');
  });

  it('show the course of the severity, a short mark of the alert and no approval that nobody asked for', () => {
    expect(rowOf(text, '| Severity')).toMatch(/P3, raised to P1 at 2026-11-20 12:00:00 UTC \[timeline \w+\]/);
    expect(text).toContain('[alert bbbbbbbb High latency]');
    expect(text).not.toContain('b'.repeat(64));
    expect(rowOf(text, '| Enable fallback')).toContain('| not needed |');
    expect(text).toContain('received once in all');
  });

  it('keep the link of the alert, and say what is kept of it', async () => {
    await command(`evidence ${id}`);
    expect(JSON.parse(await read(`evidence/${id}/alerts.json`))).toMatchObject({ alerts: [{ link: LINK }] });
    expect(await read(`evidence/${id}/manifest.json`)).toContain('labels and annotations are not kept');
  });
});

describe('the milestone mitigated', () => {
  const mitigated = async (): Promise<string | undefined> => (await world.incident(id)).milestones.mitigated;

  it('is the first good check after the button, and is told again after a relapse', async () => {
    const pressedAt = world.parts.clock.nowMs();
    await press(world, 'mitigation.rotate-key', id);
    await wait(31_000);
    expect(Date.parse((await mitigated()) ?? '')).toBeGreaterThan(pressedAt);
    expect(await postmortem()).toContain('Mitigated by Rotate key');
    await world.breakMistral('error-500');
    await wait(31_000);
    expect(await mitigated()).toBeUndefined();
  });

  it('is not the button alone', async () => {
    await press(world, 'mitigation.enable-fallback', id);
    await wait(31_000);
    expect(await mitigated()).toBeUndefined();
  });
});

describe('names', () => {
  it('fall back to the id when Slack does not tell them', async () => {
    await press(world, 'incident.assign', id);
    const people = { ...world.parts.people, person: () => Promise.reject(new Error('no scope')) };
    Object.assign(world.parts, { people });
    await world.parts.jobs.put([
      { id: 'doc', queue: 'jobs', body: { kind: 'postmortem', incidentId: id, actor: 'U0MAYA' } },
    ]);
    await world.settle();
    expect(await read(`postmortems/${id}.md`)).toContain('| Commander | U0MAYA |');
  });
});
