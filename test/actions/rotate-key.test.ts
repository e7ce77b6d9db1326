import { describe, expect, it } from 'vitest';
import { rotateKey } from '../../lib/actions/rotate-key.ts';
import { present } from '../contracts/opened.ts';
import { makeIncident } from '../make.ts';
import {
  CURRENT_KEY,
  makeLease,
  openMistral,
  openWorld,
  planned,
  SECRET,
  STANDBY_KEY,
  type TestWorld,
} from './world.ts';

const refusal = async (world: TestWorld): Promise<string> => {
  const before = await world.labels();
  const preview = await rotateKey.preview(makeLease('rotate-key'), world);
  expect(await world.labels()).toEqual(before);
  return 'refused' in preview ? preview.refused : expect.unreachable(JSON.stringify(preview));
};

const plan = async (world: TestWorld) => {
  const labels = await world.labels();
  const lease = makeLease('rotate-key', 'LSE-1', {
    secretId: SECRET,
    from: present(labels['AWSCURRENT']),
    to: present(labels['STANDBY']),
  });
  return { lease, from: present(labels['AWSCURRENT']), to: present(labels['STANDBY']) };
};

describe('the preview of a rotation', () => {
  it('tries the standby key and plans the two versions, changing nothing', async () => {
    const mistral = await openMistral();
    await mistral.breakWith('revoked-key', 'current');
    const world = await openWorld(mistral.url);
    const { from, to } = await plan(world);
    const preview = await rotateKey.preview(makeLease('rotate-key'), world);
    expect(preview).toMatchObject({ plan: { secretId: SECRET, from, to } });
    expect(JSON.stringify(preview)).not.toContain('test-key');
    expect(await world.rotations()).toBe(0);
  });

  it.each([
    ['revoked-key', /standby key was tried first and was refused with 401\./],
    ['error-503', /and the API answered 503\./],
    ['rate-minute', /and the API answered 429\./],
    ['reset', /and got no answer \(.*\)\./],
    ['empty', /and got no usable answer \(200\)\./],
    ['model-retired', /and the API answered 40[04]\./],
  ])('refuses when the standby key meets %s, with the fact alone and no key', async (fault, says) => {
    const mistral = await openMistral();
    await mistral.breakWith(fault, 'standby');
    const refused = await refusal(await openWorld(mistral.url));
    expect(refused).toMatch(says);
    expect(refused).toContain('The current key was left in place.');
    expect(refused).not.toContain('test-key');
  });

  describe('where the key was rotated through another incident', () => {
    /** The standby is the current key by a lease of the other incident, done at so many minutes past ten. */
    const rotated = async (atMinutes: number, mistral: { readonly url: string }): Promise<TestWorld> => {
      const world = await openWorld(mistral.url);
      const { lease } = await plan(world);
      const other = { ...lease, id: 'LSE-OTHER', incidentId: 'INC-OTHER', requestedAt: timeAt(atMinutes) };
      await world.store.write('lease', other.id, other, 0);
      expect(await rotateKey.apply(other, world)).toMatchObject({ result: 'done' });
      const began = makeIncident({ id: 'INC-1', createdAt: timeAt(10), milestones: { started: timeAt(10) } });
      await world.store.write('incident', 'INC-1', began, 0);
      return world;
    };
    const timeAt = (minutes: number): string => `2026-11-20T10:${String(minutes).padStart(2, '0')}:00.000Z`;

    it('does nothing while Mistral accepts the new one, and says when and by which incident', async () => {
      expect(await refusal(await rotated(15, await openMistral()))).toBe(
        'Nothing was done: the key was already rotated at 10:15 UTC (incident INC-OTHER), and Mistral accepts it.',
      );
    });

    it('goes on where Mistral refuses the new one, too', async () => {
      const mistral = await openMistral();
      await mistral.breakWith('revoked-key', 'standby');
      expect(await refusal(await rotated(15, mistral))).toContain('There is no standby key for chat.');
    });

    it('goes on where that was before this incident began', async () => {
      expect(await refusal(await rotated(5, await openMistral()))).toContain('There is no standby key for chat.');
    });
  });

  it('without a standby key says exactly what to do by hand', async () => {
    const world = await openWorld();
    const { to } = await plan(world);
    await world.secrets.move(SECRET, 'STANDBY', to, null);
    const refused = await refusal(world);
    expect(refused).toContain('There is no standby key for chat.');
    expect(refused).toContain('create a key in the Mistral console, set MISTRAL_STANDBY_KEY');
    const made = await refusal({ ...world, keysLiveIn: 'embedded' });
    expect(made).toContain('a fresh one to have a new pair');
    expect(made).not.toContain('MISTRAL_STANDBY_KEY');
    const stored = await refusal({ ...world, keysLiveIn: 'aws' });
    expect(stored).toContain(`put-secret-value --secret-id ${SECRET} --version-stages STANDBY`);
    expect(stored).not.toContain('MISTRAL_STANDBY_KEY');
  });

  it('refuses a standby that is the current key again, by version or by value', async () => {
    const byVersion = await openWorld();
    const { from, to } = await plan(byVersion);
    await byVersion.secrets.move(SECRET, 'STANDBY', to, from);
    expect(await refusal(byVersion)).toContain('is the current key itself');
    const byValue = await openWorld();
    await byValue.secrets.seed(SECRET, { current: CURRENT_KEY, standby: CURRENT_KEY });
    expect(await refusal(byValue)).toContain('is the current key itself');
  });

  it('refuses when there is no such secret', async () => {
    const world = await openWorld();
    const elsewhere = { ...world, target: { ...world.target, secretId: 'nowhere' } };
    expect(await refusal(elsewhere)).toContain('There is no secret nowhere');
  });
});

describe('a rotation', () => {
  it('promotes the standby key, holds the previous one, leaves no standby, and is verified by a call', async () => {
    const mistral = await openMistral();
    await mistral.breakWith('revoked-key', 'current');
    const world = await openWorld(mistral.url);
    const lease = await planned(rotateKey, world);
    expect(await rotateKey.apply(lease, world)).toMatchObject({ result: 'done' });
    expect(await world.keys()).toEqual({
      AWSCURRENT: STANDBY_KEY,
      AWSPREVIOUS: CURRENT_KEY,
      'HELD-LSE-1': CURRENT_KEY,
    });
    const verified = await rotateKey.verify(lease, world);
    expect(verified.result).toBe('done');
    expect(verified.text).toBe('The new key works. No standby key is left: store a new one.');
  });

  it('is undone: the previous key is current, the other one standby again, nothing is held', async () => {
    const world = await openWorld();
    const { lease } = await plan(world);
    await rotateKey.apply(lease, world);
    expect(await rotateKey.undo(lease, world)).toMatchObject({ result: 'done' });
    expect(await world.keys()).toEqual({ AWSCURRENT: CURRENT_KEY, AWSPREVIOUS: STANDBY_KEY, STANDBY: STANDBY_KEY });
    expect(await rotateKey.undo(lease, world)).toMatchObject({ result: 'done' });
    expect(await world.rotations()).toBe(2);
  });

  it('leaves a standby key alone that was provided since', async () => {
    const world = await openWorld();
    const { lease } = await plan(world);
    await rotateKey.apply(lease, world);
    await world.secrets.seed(SECRET, { current: CURRENT_KEY, standby: 'test-key-third' });
    const undone = await rotateKey.undo(lease, world);
    expect(undone).toEqual({
      result: 'done',
      text: 'The previous key is the current key again. The standby key that was provided since then stays.',
    });
    expect((await world.keys())['STANDBY']).toBe('test-key-third');
  });

  it.each([
    ['revoked-key', 'failed', /The new key was refused with 401/],
    ['error-500', 'unknown', /not known whether the new key works: it was tried and the API answered 500/],
    ['reset', 'unknown', /not known whether the new key works/],
  ] as const)('that meets %s when it is verified is %s', async (fault, result, says) => {
    const mistral = await openMistral();
    const world = await openWorld(mistral.url);
    const { lease } = await plan(world);
    await rotateKey.apply(lease, world);
    await mistral.breakWith(fault, 'standby');
    const verified = await rotateKey.verify(lease, world);
    expect(verified.result).toBe(result);
    expect(verified.text).toMatch(says);
  });
});

describe('of two rotations', () => {
  it('the newest is undone first, and the older one says so', async () => {
    const world = await openWorld();
    const first = await plan(world);
    await rotateKey.apply(first.lease, world);
    await world.secrets.seed(SECRET, { current: CURRENT_KEY, standby: 'test-key-third' });
    const second = { ...(await plan(world)).lease, id: 'LSE-2' };
    expect((await rotateKey.apply(second, world)).result).toBe('done');
    const before = await world.labels();
    expect(await rotateKey.undo(first.lease, world)).toEqual({
      result: 'failed',
      text: 'A later rotation replaced the key of this one: undo that one first. Nothing was changed.',
    });
    expect(await world.labels()).toEqual(before);
    expect((await rotateKey.undo(second, world)).result).toBe('done');
    expect((await rotateKey.undo(first.lease, world)).result).toBe('done');
    expect((await world.keys())['AWSCURRENT']).toBe(CURRENT_KEY);
  });
});

describe("somebody else's change is left as it is:", () => {
  it('a rotation by hand between plan and apply', async () => {
    const world = await openWorld();
    const { lease } = await plan(world);
    await world.secrets.seed(SECRET, { current: 'test-key-by-hand', standby: null });
    const before = await world.labels();
    const applied = await rotateKey.apply(lease, world);
    expect(applied).toMatchObject({
      result: 'failed',
      text: expect.stringMatching(/rotated by somebody else/) as unknown,
    });
    expect(await world.labels()).toEqual(before);
  });

  it('the same standby promoted by hand between plan and apply', async () => {
    const world = await openWorld();
    const { lease, from, to } = await plan(world);
    await world.secrets.move(SECRET, 'AWSCURRENT', from, to);
    const before = await world.labels();
    expect((await rotateKey.apply(lease, world)).result).toBe('failed');
    expect(await world.labels()).toEqual(before);
  });

  it('another standby key between plan and apply, which was never tried', async () => {
    const world = await openWorld();
    const { lease } = await plan(world);
    await world.secrets.seed(SECRET, { current: CURRENT_KEY, standby: 'test-key-untried' });
    const before = await world.labels();
    expect((await rotateKey.apply(lease, world)).text).toMatch(/^The standby key was replaced by somebody else/);
    expect(await world.labels()).toEqual(before);
  });

  it('a rotation by hand after ours: verify says so, undo changes nothing', async () => {
    const world = await openWorld();
    const { lease } = await plan(world);
    await rotateKey.apply(lease, world);
    await world.secrets.seed(SECRET, { current: 'test-key-by-hand', standby: null });
    const before = await world.labels();
    expect((await rotateKey.verify(lease, world)).text).toMatch(/somebody else changed it/);
    expect((await rotateKey.apply(lease, world)).result).toBe('failed');
    expect(await rotateKey.undo(lease, world)).toMatchObject({
      result: 'done',
      text: expect.stringMatching(/^This rotation is not in effect.*Nothing was changed/) as unknown,
    });
    const { 'HELD-LSE-1': _held, ...labels } = before;
    expect(await world.labels()).toEqual(labels);
  });

  it('an undo that comes again late does not touch the next rotation', async () => {
    const world = await openWorld();
    const first = await plan(world);
    await rotateKey.apply(first.lease, world);
    await rotateKey.undo(first.lease, world);
    const second = { ...first.lease, id: 'LSE-2' };
    expect((await rotateKey.apply(second, world)).result).toBe('done');
    const before = await world.labels();
    expect((await rotateKey.undo(first.lease, world)).text).toContain('Nothing was changed');
    expect(await world.labels()).toEqual(before);
    expect((await world.keys())['AWSCURRENT']).toBe(STANDBY_KEY);
  });
});

it('without a plan nothing is done', async () => {
  const world = await openWorld();
  const before = await world.labels();
  for (const step of [rotateKey.apply, rotateKey.verify, rotateKey.undo]) {
    expect((await step(makeLease('rotate-key'), world)).result).toBe('failed');
  }
  expect(await world.labels()).toEqual(before);
});
