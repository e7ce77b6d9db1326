import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipsMoto } from '../conformance/aws/moto.ts';
import { type Packaged, packageService } from '../conformance/packaged.ts';
import { createKiller, type Killer } from '../lambda/killing.ts';
import { findUnsound } from '../lambda/soundness.ts';
import { openStack, type Stack } from '../lambda/stack.ts';
import { breakMistral, incidentsIn, postUntilAccepted, pressOne, workUntil } from '../lambda/story.ts';

const SERVICES = ['chat', 'search', 'mail', 'notes'] as const;
/** As long as this at most, however many places are left. */
const LIMIT_MS = 150_000;
const NEVER = '0001-01-01T00:00:00Z';

const CONFIG = `import { defineConfig } from './lib/config.ts';
export default defineConfig({
  services: ${JSON.stringify(SERVICES.map((name) => ({ name, models: ['mistral-small-latest'], channel: name })))},
  mayMitigate: { users: ['U0MAYA'], groups: [] },
  intervals: {
    recheckMs: 2_000, limitedRecheckMs: 2_000, routineMs: 60_000, quietMs: 600_000, reopenWithinMs: 600_000, probeDeadlineMs: 5_000,
  },
});
`;

/** One alert of a group of its own, so that each opens an incident. */
const bodyOf = (service: string, round: number, status: 'firing' | 'resolved'): string =>
  JSON.stringify({
    version: '4',
    groupKey: `{}:{service="${service}",round="${round}"}`,
    status,
    receiver: 'mistral-triage',
    groupLabels: { service },
    commonLabels: { service },
    commonAnnotations: {},
    truncatedAlerts: 0,
    alerts: [
      {
        status,
        labels: { alertname: `Round ${round}`, service, environment: 'production', severity: 'critical' },
        annotations: {},
        startsAt: '2026-11-20T10:00:00Z',
        endsAt: status === 'resolved' ? new Date().toISOString() : NEVER,
        fingerprint: `${service}-${round}`,
      },
    ],
  });

const serviceOf = (round: number): string => SERVICES[round % SERVICES.length] ?? '';

/** What people do meanwhile, whichever of these a message offers. */
const PRESSES = ['mitigation.rotate-key', 'mitigation.enable-fallback', 'mitigation.undo', 'evidence.collect'];

describe.skipIf(skipsMoto)('functions that are killed between any two of their steps', () => {
  let packaged: Packaged;
  let stack: Stack;
  let killer: Killer;
  beforeAll(async () => {
    packaged = await packageService({ replace: { 'triage.config.ts': CONFIG } });
    killer = createKiller(['worker', 'triage', 'mitigate', 'clock'], () => stack.killCurrent());
    stack = await openStack({ bundle: packaged.bundle, visibilityS: 2, channels: SERVICES, plan: killer.plan });
  });
  afterAll(async () => {
    await stack?.close();
    await packaged?.remove();
  });

  it('lose nothing, tell each incident once, and change the world as the audit says', async () => {
    await breakMistral(stack, 'revoked-key');
    let rounds = 0;
    for (const startedMs = Date.now(); Date.now() - startedMs < LIMIT_MS; rounds += 1) {
      if (rounds === 8) await breakMistral(stack, 'error-503');
      if (rounds > 12 && killer.left().length === 0) break;
      await postUntilAccepted(stack, bodyOf(serviceOf(rounds), rounds, 'firing'));
      await stack.drain(300);
      await pressOne(stack, serviceOf(rounds), PRESSES[Math.floor(rounds / SERVICES.length) % PRESSES.length] ?? '');
      await stack.drain(300);
      await stack.tick().catch(() => undefined);
    }
    killer.stop();
    await breakMistral(stack, 'none');
    for (let round = 0; round < rounds; round += 1)
      await postUntilAccepted(stack, bodyOf(serviceOf(round), round, 'resolved'));
    await workUntil(
      stack,
      'everything is told',
      async () => (await incidentsIn(stack)).every(({ outbox }) => outbox.notBeforeMs === null),
      180_000,
    );
    const incidents = await incidentsIn(stack);
    process.stdout.write(
      `${killer.killed().length} deaths, ${killer.left().length} places left: ${killer.left().join(', ')}; ${incidents.length} incidents, ` +
        `${incidents.flatMap(({ mitigations }) => mitigations).length} mitigations\n`,
    );
    expect(incidents).toHaveLength(rounds);
    expect(await findUnsound(stack, SERVICES)).toEqual([]);
    expect(incidents.flatMap(({ mitigations }) => mitigations).map(({ state }) => state)).not.toContain('applying');
    expect(killer.killed().length).toBeGreaterThan(100);
  }, 600_000);
});
