import { defineConfig } from '../../../lib/config.ts';

/** As shipped, but no probe is waited for longer than a second and a half. */
export default defineConfig({
  services: [{ name: 'mistral-api', models: ['mistral-small-latest'] }],
  intervals: { probeDeadlineMs: 1_500 },
});
