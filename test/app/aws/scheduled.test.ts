import { expect, it } from 'vitest';
import { scheduled } from '../../../lib/app/aws/scheduled.ts';
import { settingsOf } from '../../../lib/app/settings.ts';
import { readConfig } from '../../../lib/config.ts';

it.each([
  ['more often than the schedule comes is once a minute', 1_500, 60_000],
  ['as often as it comes is as wanted', 60_000, 60_000],
  ['less often is as wanted', 300_000, 300_000],
])('a routine check that is wanted %s', (_how, wantedMs, routineMs) => {
  const config = readConfig({ services: [{ name: 'mistral-api', models: ['m'] }], intervals: { routineMs: wantedMs } });
  const settings = settingsOf(config, { channel: 'incidents', secretId: (id) => id, keysLiveIn: 'aws' });
  expect(scheduled(settings)).toEqual({ ...settings, routineMs });
});
