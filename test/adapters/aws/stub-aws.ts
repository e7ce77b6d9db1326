import { vi } from 'vitest';

/** The environment of a program whose AWS is at `url`. */
export const awsAt = (url: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  // Nothing of this machine's own configuration.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
});

/** Points the SDK's clients at `url`: an address is only ever read from the environment. Until `vi.unstubAllEnvs()`. */
export const stubAws = (url: string): void => {
  for (const [name, value] of Object.entries(awsAt(url))) vi.stubEnv(name, value);
};
