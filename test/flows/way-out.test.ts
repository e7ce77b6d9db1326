import { afterEach, expect, it } from 'vitest';
import type { ConfigInput } from '../../lib/config.ts';
import type { Diagnosis, Finding } from '../../lib/domain/diagnosis.ts';
import { diagnoseService } from '../../lib/flows/diagnose-service.ts';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { targetOf } from '../../lib/flows/target-of.ts';
import { checkRoutinely } from '../../lib/flows/watch-recovery.ts';
import { findWayOut } from '../../lib/flows/way-out.ts';
import { makeArrival } from '../make.ts';
import { press } from './press.ts';
import { openWorld, type World } from './world.ts';

const PLACE = { service: 'mistral-api', environment: 'production' };
const withFallback = (model: string): Partial<ConfigInput> => ({
  services: [{ name: 'mistral-api', models: ['mistral-small-latest'], fallbackModels: [model] }],
});

let world: World;
let looks = 0;
afterEach(() => world.close());

/** One routine check while all is well, which rehearses the fallback. */
const open = async (model: string): Promise<void> => {
  world = await openWorld(withFallback(model));
  world.pass(60_000);
  await checkRoutinely(world.parts);
  await world.settle();
  looks = 0;
  const { read } = world.parts.store;
  const counted: typeof read = (...args) => {
    looks += args[0] === 'ahead' ? 1 : 0;
    return read(...args);
  };
  Object.assign(world.parts.store, { read: counted });
};

const diagnoseWith = async (fault: string): Promise<Diagnosis> => {
  await world.breakMistral(fault);
  world.pass(60_000);
  return diagnoseService(world.parts, PLACE);
};

const tell = ({ mitigations, notOffered }: Diagnosis): string => {
  const find = (advices: typeof mitigations) => advices.find(({ kind }) => kind === 'enable-fallback')?.why;
  return find(mitigations) ?? `not offered: ${find(notOffered) ?? 'nothing is said'}`;
};

it('looks up the rehearsal in trouble and not before', async () => {
  await open('no-such-model');
  await diagnoseWith('none');
  expect(looks).toBe(0);
  expect(tell(await diagnoseWith('capacity'))).toMatch(
    /^not offered: no-such-model did not answer at its last rehearsal \(.+ UTC\)\.$/,
  );
  expect(looks).toBe(1);
});

it('looks it up where models answer late, and where the calls of the service fail', async () => {
  await open('no-such-model');
  const target = targetOf(world.parts, PLACE);
  if (target === null) throw new Error('the world has no service');
  const chat = { name: 'chat:mistral-small-latest', question: '?', outcome: 'ok', latencyMs: 8_000 } as const;
  const traffic = { ...chat, name: 'traffic', latencyMs: 8 };
  const drillIn = async (finding: Finding) => (await findWayOut(world.parts, target, [finding])).drill;
  expect(await drillIn(chat)).toMatchObject({ works: false });
  expect(await drillIn({ ...traffic, facts: { failingShare: 0.5 } })).toMatchObject({ works: false });
  expect(await drillIn({ ...chat, latencyMs: 80 })).toBeNull();
  const { labels } = world.parts.secrets;
  const lookedFor: string[] = [];
  Object.assign(world.parts.secrets, {
    labels: (id: string) => {
      lookedFor.push(id);
      return labels(id);
    },
  });
  Object.assign(world.parts.mistral, { chatOnce: () => Promise.resolve({ ok: true, latencyMs: 8_000, evidence: {} }) });
  world.pass(60_000);
  await diagnoseService(world.parts, PLACE);
  expect(lookedFor).toEqual([target.secretId]);
});

it('says what the fallback has in common with what fails', async () => {
  await open('ministral-8b-latest');
  expect(tell(await diagnoseWith('revoked-key'))).toContain('not offered: Its fallback, ministral-8b-latest, is asked');
});

it('names what is published to come after a model that is gone', async () => {
  world = await openWorld({ services: [{ name: 'mistral-api', models: ['mistral-small-2506'] }] });
  const { mitigations } = await diagnoseWith('model-retired');
  expect(mitigations.find(({ kind }) => kind === 'switch-model')?.why).toContain(
    'Mistral names Mistral Small 4 in place of mistral-small-2506.',
  );
});

it('diagnoses without what it could not look up', async () => {
  await open('no-such-model');
  Object.assign(world.parts.store, {
    read: (
      (read) =>
      (...args: Parameters<typeof read>) =>
        args[0] === 'ahead' ? Promise.reject(new Error('down')) : read(...args)
    )(world.parts.store.read),
  });
  expect(tell(await diagnoseWith('capacity'))).toContain('of which nobody knows whether it answers');
});

it('does by hand what it does not offer', async () => {
  await open('ministral-8b-latest');
  await world.breakMistral('revoked-key');
  const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 1)]);
  await world.settle();
  await press(world, 'mitigation.enable-fallback', id);
  expect((await world.incident(id)).mitigations).toEqual([]);
  await press(world, 'command', 'fallback on');
  expect((await world.incident(id)).mitigations).toMatchObject([{ kind: 'enable-fallback', state: 'active' }]);
});
