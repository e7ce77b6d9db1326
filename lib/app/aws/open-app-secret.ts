import { readSecretText } from '../../adapters/aws/secret-text.ts';
import { createSignedCall } from '../../adapters/aws/signed-request.ts';
import { systemClock, systemWait } from '../../adapters/system.ts';
import type { Log } from '../../ports/world.ts';
import { type AppSecret, createAppSecret } from './app-secret.ts';
import type { LambdaEnvironment } from './environment.ts';

/** Two tries, and Slack's three seconds hold them and the rest. */
const READ_LIMIT_MS = 1_500;

/** The app's secret out of Secrets Manager, without the SDK, being read already. */
export const openAppSecret = (
  environment: LambdaEnvironment<'APP_SECRET_ID'>,
  variables: Readonly<Record<string, string | undefined>>,
  log: Log,
): AppSecret => {
  const call = createSignedCall({ variables, limitMs: READ_LIMIT_MS });
  return createAppSecret({
    readText: () => readSecretText(call, environment('APP_SECRET_ID')),
    slackApiUrl: environment('SLACK_API_URL'),
    clock: systemClock,
    wait: systemWait,
    log,
  });
};
