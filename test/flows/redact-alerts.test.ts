import { expect, it } from 'vitest';
import { receiveAlerts } from '../../lib/flows/receive-alerts.ts';
import { redactArrivals } from '../../lib/flows/redact-alerts.ts';
import { makeArrival } from '../make.ts';
import { shownRoots } from './slack-view.ts';
import { openWorld } from './world.ts';

const KEY = 'test-key-current';

it.each(['title', 'summary', 'service', 'environment'] as const)(
  'A key in the %s of an alert is kept nowhere',
  async (field) => {
    const world = await openWorld();
    try {
      const [id = ''] = await receiveAlerts(world.parts, [makeArrival('job-1', 0, { [field]: `about ${KEY}` })]);
      await world.settle();
      const roots = await shownRoots(world, id);
      expect(roots).toHaveLength(1);
      expect(JSON.stringify([roots, await world.incident(id)])).not.toContain(KEY);
    } finally {
      await world.close();
    }
  },
);

const linkAfter = (link: string) => redactArrivals([makeArrival('job-1', 0, { link })], [KEY], [])[0]?.alert.link;

it('A link loses the key in it and stays a link, or goes', () => {
  expect(linkAfter('https://monitor.test/view?id=7')).toBe('https://monitor.test/view?id=7');
  expect(linkAfter(`https://monitor.test/view?id=${KEY}`)).toBe('https://monitor.test/view?id=[redacted]');
  expect(linkAfter(`https://${KEY}.test/`)).toBe(null);
});

it('A configured service that is named like a key keeps its name', () => {
  const alert = { service: 'sk-translation-backend', environment: 'sk-integration-cluster' };
  const [known] = redactArrivals([makeArrival('job-1', 0, alert)], [], Object.values(alert));
  expect(known?.alert).toMatchObject(alert);
  const [unknown] = redactArrivals([makeArrival('job-1', 0, alert)], [], []);
  expect(unknown?.alert).toMatchObject({ service: '[redacted]', environment: '[redacted]' });
});
