import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../lib/adapters/aws/failure.ts';
import { applyMitigation } from '../../lib/flows/apply-mitigation.ts';
import { readAudit } from '../../lib/flows/audit.ts';
import { changeStored } from '../../lib/flows/change-incident.ts';
import type { Parts } from '../../lib/flows/parts.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import type { Secrets } from '../../lib/ports/secrets.ts';
import { present } from '../contracts/opened.ts';
import { makeArrival } from '../make.ts';
import { press } from './press.ts';
import { shownNotes } from './slack-view.ts';
import { openWorld, STANDBY_KEY, type World } from './world.ts';

const SECRET = 'MISTRAL_SECRET_ID';
const DENIED = 'secretsmanager.UpdateSecretVersionStage: denied (AccessDeniedException)';

let world: World;
let id = '';

beforeEach(async () => {
  world = await openWorld({ mayMitigate: { users: ['U0MAYA', 'U0NOAH'], groups: [] } });
  await world.parts.mistral.chatOnce('test-key-current', 'mistral-small-latest', 2_000);
  await world.breakMistral('revoked-key');
  [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0)]);
  await world.settle();
});
afterEach(() => world.close());

const deny = (): Promise<never> =>
  Promise.reject(new AwsError('secretsmanager.UpdateSecretVersionStage', 'denied', { code: 'AccessDeniedException' }));
const away = (): Promise<never> =>
  Promise.reject(new AwsError('secretsmanager.UpdateSecretVersionStage', 'unavailable', { code: 'InternalFailure' }));

/** Until the function is called that it returns. */
const replace = <K extends keyof Parts>(name: K, part: Partial<Parts[K]>): (() => void) => {
  const good = world.parts[name];
  Object.assign(world.parts, { [name]: { ...good, ...part } });
  return () => void Object.assign(world.parts, { [name]: good });
};
/** Moves of these labels are answered by `answer`, all others as they are. */
const answerMoves = (isMeant: (label: string, to: string | null) => boolean, answer: () => Promise<boolean>) => {
  const good = world.parts.secrets.move;
  const move: Secrets['move'] = (secretId, label, from, to) =>
    isMeant(label, to) ? answer() : good(secretId, label, from, to);
  return replace('secrets', { move });
};

const labels = async () => Object.fromEntries(present(await world.parts.secrets.labels(SECRET)));
const lease = async () => present((await world.incident(id)).mitigations.at(-1));
const stateOf = async () => (await world.parts.store.read('lease', (await lease()).id))?.record.state;
const resolve = () =>
  changeStored(world.parts, id, (incident) => ({ incident: { ...incident, status: 'resolved' }, answer: null }));

describe('a mitigation that is refused for good', () => {
  it('has failed, says why in the thread, is audited, and may be pressed again once that is mended', async () => {
    const before = await labels();
    const mend = answerMoves(() => true, deny);
    await press(world, 'mitigation.rotate-key', id);
    expect(await lease()).toMatchObject({ state: 'failed' });
    expect((await lease()).outcome).toContain(`${DENIED}. Nothing was changed.`);
    expect((await shownNotes(world)).map(({ text }) => text).join('\n')).toContain(DENIED);
    const audit = await readAudit(world.parts, id);
    expect(audit.map(({ step }) => step)).toEqual(['requested', 'intent', 'outcome']);
    expect(audit.at(-1)?.text).toContain(`failed: It was refused: ${DENIED}`);
    expect(await labels()).toEqual(before);
    mend();
    await press(world, 'mitigation.rotate-key', id, { user: 'U0NOAH' });
    expect(await lease()).toMatchObject({ state: 'active', requestedBy: 'U0NOAH' });
  });

  it('has failed also when it is refused what it looks at first', async () => {
    replace('secrets', { labels: deny });
    await press(world, 'mitigation.rotate-key', id);
    expect(await lease()).toMatchObject({ state: 'failed', outcome: expect.stringContaining(DENIED) as unknown });
  });

  it('lets go of what it held when the key itself may not be moved', async () => {
    const before = await labels();
    answerMoves((label) => label === 'AWSCURRENT', deny);
    await press(world, 'mitigation.rotate-key', id);
    expect(await lease()).toMatchObject({ state: 'failed' });
    expect(await labels()).toEqual(before);
  });

  it('has failed also when not even what it held may be let go of', async () => {
    answerMoves((label, to) => label === 'AWSCURRENT' || to === null, deny);
    await press(world, 'mitigation.rotate-key', id);
    expect(await lease()).toMatchObject({ state: 'failed' });
  });

  it('may be in effect when the key was moved before, and can be undone', async () => {
    const before = await labels();
    const mend = answerMoves((label, to) => label === 'STANDBY' && to === null, deny);
    await press(world, 'mitigation.rotate-key', id);
    expect(await lease()).toMatchObject({ state: 'unknown', outcome: expect.stringContaining(DENIED) as unknown });
    mend();
    await press(world, 'mitigation.undo', (await lease()).id);
    expect(await lease()).toMatchObject({ state: 'reverted' });
    expect(await labels()).toMatchObject(before);
  });

  it('is in effect and not known to work when only the check of it is refused', async () => {
    const good = world.parts.secrets.value;
    replace('secrets', { value: (secretId, at) => ('label' in at ? deny() : good(secretId, at)) });
    await press(world, 'mitigation.rotate-key', id);
    expect(await lease()).toMatchObject({
      state: 'unknown',
      outcome: `It was done, but it could not be checked: ${DENIED}.`,
    });
  });

  it('comes again where the trouble may pass', async () => {
    const mend = answerMoves(() => true, away);
    await press(world, 'mitigation.rotate-key', id);
    expect(await stateOf()).toBe('applying');
    mend();
    world.pass(600_000);
    await world.settle();
    expect(await stateOf()).toBe('active');
  });

  it('leaves no control behind that a later change would publish', async () => {
    const mend = replace('projection', { publish: deny });
    await press(world, 'mitigation.enable-fallback', id);
    expect(await lease()).toMatchObject({ state: 'failed', outcome: expect.stringContaining(DENIED) as unknown });
    expect((await world.parts.store.read('control', 'production/mistral-api'))?.record.leases).toEqual([]);
    mend();
    await press(world, 'mitigation.enable-fallback', id);
    expect(await lease()).toMatchObject({ state: 'active' });
    expect(await world.parts.projection.current('production', 'mistral-api')).toContain('"fallback":true');
  });
});

describe('an undo that is refused for good', () => {
  it('leaves the mitigation in effect, says why, and may be pressed again', async () => {
    await press(world, 'mitigation.rotate-key', id);
    const mend = answerMoves(() => true, deny);
    await press(world, 'mitigation.undo', (await lease()).id);
    expect(await lease()).toMatchObject({ state: 'active', outcome: expect.stringContaining(DENIED) as unknown });
    mend();
    await press(world, 'mitigation.undo', (await lease()).id);
    expect(await lease()).toMatchObject({ state: 'reverted' });
  });
});

describe('a mitigation that is resumed when its incident is over', () => {
  it('is not begun any more', async () => {
    const before = await labels();
    const mend = answerMoves((label) => label === 'AWSCURRENT', away);
    await press(world, 'mitigation.rotate-key', id);
    expect(await stateOf()).toBe('applying');
    mend();
    await resolve();
    await applyMitigation(world.parts, (await lease()).id);
    expect(await lease()).toMatchObject({ state: 'failed', outcome: expect.stringContaining('resolved') as unknown });
    expect(await labels()).toEqual(before);
  });

  it('is finished where applications already have the new key', async () => {
    const mend = answerMoves((label, to) => label === 'STANDBY' && to === null, away);
    await press(world, 'mitigation.rotate-key', id);
    mend();
    await resolve();
    await applyMitigation(world.parts, (await lease()).id);
    expect(await lease()).toMatchObject({ state: 'active' });
    expect(await world.parts.secrets.value(SECRET, { label: 'AWSCURRENT' })).toBe(STANDBY_KEY);
  });

  it('takes back a control that nobody could read yet', async () => {
    const mend = replace('projection', { publish: away });
    await press(world, 'mitigation.enable-fallback', id);
    mend();
    await resolve();
    await applyMitigation(world.parts, (await lease()).id);
    expect(await lease()).toMatchObject({ state: 'failed' });
    expect((await world.parts.store.read('control', 'production/mistral-api'))?.record.leases).toEqual([]);
  });

  it('keeps a control that applications read, until its time is over', async () => {
    const good = world.parts.projection.publish;
    const mend = replace('projection', { publish: (...asked) => good(...asked).then(away) });
    await press(world, 'mitigation.enable-fallback', id);
    mend();
    await resolve();
    await applyMitigation(world.parts, (await lease()).id);
    expect(await lease()).toMatchObject({ state: 'active' });
  });
});
