import { defineConfig } from '../../../lib/config.ts';

/** Asks again as soon as may be; where a probe would spend a limited budget, not within any test. */
export default defineConfig({
  services: [
    { name: 'mistral-api', models: ['mistral-small-latest'] },
    { name: 'mistral-api', environment: 'staging', models: ['mistral-small-latest'] },
  ],
  intervals: { probeDeadlineMs: 1_500, recheckMs: 500, limitedRecheckMs: 3_600_000 },
});
