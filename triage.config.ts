import { defineConfig } from './lib/config.ts';

/** What this team runs. Every member is described in lib/config.ts; a mistake here stops the start and is named. */
export default defineConfig({
  services: [{ name: 'mistral-api', environment: 'production', models: ['mistral-small-latest'] }],
  // Who may rotate keys and switch fallbacks. S0ONCALL is the on-call group of the embedded Slack: put your own group or user ids here.
  mayMitigate: { users: [], groups: ['S0ONCALL'] },
});
