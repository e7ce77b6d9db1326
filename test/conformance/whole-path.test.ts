import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStack, type Stack } from '../lambda/stack.ts';
import {
  incidentsIn,
  labelledKeys,
  objectsIn,
  openStackStore,
  postDeployment,
  QUICK_CONFIG,
  roots,
  tellStory,
  workUntil,
} from '../lambda/story.ts';
import { skipsMoto } from './aws/moto.ts';
import { type Packaged, packageService } from './packaged.ts';

describe.skipIf(skipsMoto)('the built functions, from the alert to the evidence', () => {
  let packaged: Packaged;
  let stack: Stack;
  beforeAll(async () => {
    packaged = await packageService({ replace: { 'triage.config.ts': QUICK_CONFIG } });
    stack = await openStack({ bundle: packaged.bundle });
  });
  afterAll(async () => {
    await stack?.close();
    await packaged?.remove();
  });

  it('a revoked key is found out, rotated by one click, and the incident resolves in its one message', async () => {
    const incident = await tellStory(stack);
    expect(incident.mitigations.map(({ kind, state }) => ({ kind, state }))).toEqual([
      { kind: 'rotate-key', state: 'active' },
    ]);
    expect(await labelledKeys(stack)).toMatchObject({
      AWSCURRENT: 'test-key-standby',
      AWSPREVIOUS: 'test-key-current',
      [`HELD-${incident.mitigations[0]?.id}`]: 'test-key-current',
    });
    expect(await incidentsIn(stack)).toHaveLength(1);
    const shown = await roots(stack);
    expect(shown).toHaveLength(1);
    expect(shown[0]?.metadata?.event_payload).toMatchObject({ incident_id: incident.id });
    expect(await objectsIn(stack)).toContain(`evidence/${incident.id}/manifest.json`);
    expect(await stack.count('dead')).toBe(0);
  });

  it('a deployment that a pipeline tells of is kept with its service', async () => {
    const told = { service: 'mistral-api', version: '1.4.2', at: '2026-11-20T11:58:00Z' };
    expect((await postDeployment(stack, { ...told, version: '' })).statusCode).toBe(400);
    expect((await postDeployment(stack, told)).statusCode).toBe(202);
    const store = openStackStore(stack);
    const kept = async () => (await store.read('deployment', 'production/mistral-api'))?.record.deployments ?? [];
    await workUntil(stack, 'the deployment', async () => (await kept()).length > 0);
    expect(await kept()).toMatchObject([{ version: '1.4.2', at: '2026-11-20T11:58:00.000Z' }]);
  });

  it('no line of any log holds a key, a token or a secret', () => {
    for (const secret of [
      'test-key-current',
      'test-key-standby',
      'test-bot-token',
      'test-signing-secret',
      'test-alerts-token',
    ])
      expect(stack.output()).not.toContain(secret);
    expect(stack.output()).toContain('"event":"alerts.accepted"');
  });
});
