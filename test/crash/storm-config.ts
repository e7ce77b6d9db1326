import { type Config, readConfig } from '../../lib/config.ts';

/** A service of the storm: its incident has a channel and a key of its own, so that no two incidents wait for each other. */
export type StormService = {
  readonly name: string;
  readonly channel: string;
  readonly secretId: string;
  readonly mitigation: 'rotate-key' | 'enable-fallback';
};

export const SERVICES: readonly StormService[] = Array.from({ length: 20 }, (_, index) => {
  const number = String(index + 1).padStart(2, '0');
  return {
    name: `service-${number}`,
    channel: `svc${number}`,
    secretId: `storm/service-${number}`,
    mitigation: index % 2 === 0 ? 'rotate-key' : 'enable-fallback',
  };
});

export const STORM_CONFIG: Config = readConfig({
  services: SERVICES.map(({ name, channel, secretId }) => ({
    name,
    channel,
    secretId,
    environment: 'production',
    models: ['mistral-small-latest'],
  })),
  mayMitigate: { users: [], groups: ['S0ONCALL'] },
  // Checks come often enough to be interrupted; nothing resolves by itself while the storm is judged.
  intervals: { recheckMs: 6_000, quietMs: 3_600_000, probeDeadlineMs: 5_000 },
});
