import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { Packaged } from '../../conformance/packaged.ts';
import { openStack, type Stack } from '../../lambda/stack.ts';
import { ALERT, breakMistral, openStackStore, postAlert } from '../../lambda/story.ts';
import { combine, type Usage } from './prices.ts';
import { openUsageMeter, type Taken, type UsageMeter } from './usage.ts';

/** Checks of open incidents come an hour apart, so that they stand in no row of alerts. */
export const COST_CONFIG = `import { defineConfig } from './lib/config.ts';
export default defineConfig({
  services: [{ name: 'mistral-api', environment: 'production', models: ['mistral-small-latest'] }],
  intervals: { recheckMs: 3_600_000, limitedRecheckMs: 3_600_000, routineMs: 60_000 },
});
`;

const BODY = z.looseObject({
  groupKey: z.string(),
  alerts: z.array(z.looseObject({ labels: z.record(z.string(), z.string()), fingerprint: z.string() })),
});

/** A body of Alertmanager with these of the group's alerts, each with a key of its own. */
const bodyOf = (group: string, alerts: readonly number[]): string => {
  const body = BODY.parse(JSON.parse(ALERT));
  const [first] = body.alerts;
  if (first === undefined) throw new Error('the fixture has no alert');
  const made = alerts.map((index) => {
    const name = `${group}-${index}`;
    return {
      ...first,
      labels: { ...first.labels, instance: `app-${name}:9090` },
      fingerprint: Buffer.from(name).toString('hex').padStart(16, '0'),
    };
  });
  return JSON.stringify({ ...body, groupKey: `{}:{alertname="${group}"}`, alerts: made });
};

const post = async (stack: Stack, body: string): Promise<void> => {
  const { statusCode } = await postAlert(stack, body);
  if (statusCode !== 202) throw new Error(`alerts answered ${statusCode}`);
};

const withStack = async <T>(packaged: Packaged, work: (stack: Stack, meter: UsageMeter) => Promise<T>): Promise<T> => {
  const stack = await openStack({ bundle: packaged.bundle });
  try {
    return await work(stack, openUsageMeter(stack));
  } finally {
    await stack.close();
  }
};

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

export type RepeatPlan = {
  /** Of each posted body. */
  readonly alertsPerBody: number;
  /** Different alerts of the incident, in turn. */
  readonly keys: number;
  /** Messages that one event of the queue brings. */
  readonly bodiesPerBatch: number;
  readonly bodies: number;
  /** Posted and worked off before the counting begins, each with all of the alerts: their records remember what repeated them. */
  readonly bodiesBefore?: number;
};

export type Row = { readonly alerts: number; readonly taken: Taken };

/** Repeats of what fires already, of one open incident. */
export const countRepeats = (packaged: Packaged, plan: RepeatPlan): Promise<Row> =>
  withStack(packaged, async (stack, meter) => {
    await post(stack, bodyOf('repeats', range(plan.keys)));
    await stack.drain(3_000);
    for (let index = 0; index < (plan.bodiesBefore ?? 0); index += 1) {
      await post(stack, bodyOf('repeats', range(plan.keys)));
      if (index % 10 === 0) await stack.drain();
    }
    await stack.drain();
    meter.take();
    for (let index = 0; index < plan.bodies; index += 1) {
      const alerts = range(plan.alertsPerBody).map((nth) => (index * plan.alertsPerBody + nth) % plan.keys);
      await post(stack, bodyOf('repeats', alerts));
      if ((index + 1) % plan.bodiesPerBatch === 0) await stack.drain();
    }
    await stack.drain();
    return { alerts: plan.bodies * plan.alertsPerBody, taken: meter.take() };
  });

/** Each alert opens an incident, which is told, diagnosed and told again before the next one comes. */
export const countOpenings = (packaged: Packaged, incidents: number): Promise<Row> =>
  withStack(packaged, async (stack, meter) => {
    await breakMistral(stack, 'revoked-key');
    await post(stack, bodyOf('warm', [0]));
    await stack.drain(3_000);
    meter.take();
    for (const index of range(incidents)) {
      await post(stack, bodyOf(`opens-${index}`, [0]));
      await stack.drain(1_500);
    }
    return { alerts: incidents, taken: meter.take() };
  });

const MINUTE_MS = 60_000;

/** As after the check of a minute ago: the first check of all, and that of each hour, asks more. */
const rememberCheck = async (stack: Stack): Promise<void> => {
  const beforeMs = Date.now() - MINUTE_MS;
  const services = { 'production/mistral-api': { status: 'healthy', latencyMs: 100 } } as const;
  const check = { checkedAt: new Date(beforeMs).toISOString(), intervalMs: MINUTE_MS, services };
  await openStackStore(stack).write('check', 'routine', check, 0);
};

/** In the first minute of an hour the check asks more, so it is not counted there. */
const passFullHour = async (): Promise<void> => {
  const now = new Date();
  if (now.getMinutes() === 0) await pause(MINUTE_MS - now.getSeconds() * 1_000);
};

/** One tick of an idle hour, and the routine check that it asks for, with the reading of the key. */
export const countTick = (packaged: Packaged): Promise<Taken> =>
  withStack(packaged, async (stack, meter) => {
    await passFullHour();
    await rememberCheck(stack);
    await stack.tick();
    await stack.drain();
    return meter.take();
  });

export const scale = ({ alerts, taken }: Row, toAlerts: number): Usage =>
  combine((name) => ((taken.usage[name] ?? 0) * toAlerts) / alerts);
