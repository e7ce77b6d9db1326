import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerSlack } from '../../lib/flows/answer-slack.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { readTimeline } from '../../lib/flows/write-documents.ts';
import { ROTATION_LEASE } from '../../lib/local/preview-samples.ts';
import { makeArrival } from '../make.ts';
import { whispersTo } from './slack-view.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let id = '';
beforeEach(async () => {
  world = await openWorld({ mayMitigate: { users: ['U0SAM'], groups: ['S0ONCALL'] } });
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
});
afterEach(() => world.close());

const press = async (action: string, value: string, isBot = false): Promise<readonly string[]> => {
  const request = { user: 'U0NOAH', team: 'T', channel: 'C0INCIDENTS', messageTs: null, action, value, isBot };
  const body = { kind: 'slack', request, acceptedAt: '' } as const;
  await answerSlack(world.parts, { id: `${action} ${value}`, queue: 'jobs', body }, request);
  return whispersTo(world, 'U0NOAH');
};

describe('who may not press', () => {
  it.each([
    ['mitigation.rotate-key', 'Rotate key'],
    ['mitigation.undo', 'Undo'],
    ['mitigation.enable-fallback', 'Enable fallback'],
  ])('hears of %s by its name, that nothing was done, and whom to ask', async (action, name) => {
    expect(await press(action, id)).toEqual([
      `*${name}* was not run, nothing was changed. You are not among the people who may run mitigations. Ask one of these people to press it: <@U0SAM>, <@U0MAYA>.`,
    ]);
    expect((await world.incident(id)).mitigations).toEqual([]);
  });

  it('is kept in the timeline, once, and the message is not edited for it', async () => {
    const before = await world.incident(id);
    await press('mitigation.rotate-key', id);
    await press('mitigation.rotate-key', id);
    await press('incident.acknowledge', id, true);
    const after = await world.incident(id);
    expect(after).toMatchObject({ revision: before.revision, updatedAt: before.updatedAt });
    expect(after.outbox.notes).toEqual(before.outbox.notes);
    const kept = (await readTimeline(world.parts, after)).filter(({ kind }) => kind === 'mitigation');
    expect(kept).toMatchObject([
      {
        actor: 'U0NOAH',
        text: '<@U0NOAH> pressed Rotate key and was refused: You are not among the people who may run mitigations.',
      },
    ]);
  });

  it.each(['mitigation.undo', 'mitigation.approve'])('of %s is kept with the incident of the lease', async (action) => {
    const lease = { ...ROTATION_LEASE, id: 'LSE-1', incidentId: id, state: 'awaiting-approval' } as const;
    await world.parts.store.write('lease', 'LSE-1', lease, 0);
    await press(action, 'LSE-1');
    const kept = await readTimeline(world.parts, await world.incident(id));
    expect(kept.map(({ text }) => text).join(' ')).toMatch(/<@U0NOAH> pressed (Undo|Approve) and was refused: /);
  });

  it('hears the same after a command', async () => {
    const [said = ''] = await press('command', `rotate-key ${id}`);
    expect(said).toContain('was not run, nothing was changed.');
    expect(said).toContain('<@U0SAM>, <@U0MAYA>');
  });

  it('is not sent to anybody where nobody else could do more', async () => {
    expect(await press('incident.acknowledge', id, true)).toEqual([
      '*Acknowledge* was not run, nothing was changed. Programs may not press buttons.',
    ]);
  });

  it('is told who is known when Slack does not tell a group, and the file when nobody is', async () => {
    const groupMembers = () => Promise.reject(new Error('no scope'));
    const people = { ...world.parts.people, groupMembers };
    world = { ...world, parts: { ...world.parts, people } };
    const [said = ''] = await press('mitigation.rotate-key', id);
    expect(said).toContain(
      'who is in the allowed groups: press again in a moment. Ask one of these people to press it: <@U0SAM>.',
    );
    const settings = { ...world.parts.settings, mayMitigate: { users: [], groups: [] } };
    world = { ...world, parts: { ...world.parts, settings } };
    expect((await press('mitigation.undo', id)).join(' ')).toContain('Who may is listed in `triage.config.ts`');
  });
});
