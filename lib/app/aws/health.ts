import { createSignedCall } from '../../adapters/aws/signed-request.ts';
import { openStoreReader } from '../../adapters/aws/store-reader.ts';
import { systemClock } from '../../adapters/system.ts';
import { readLambdaEnvironment } from './environment.ts';
import { lambdaLog } from './log.ts';
import { openOrClosed, refuseClosed } from './open-or-closed.ts';

/** Who asks for health waits no longer than this, as a rule. */
const READ_LIMIT_MS = 2_000;

const open = (variables: Readonly<Record<string, string | undefined>>) => {
  const environment = readLambdaEnvironment(variables, ['TABLE_NAME']);
  const call = createSignedCall({ variables, limitMs: READ_LIMIT_MS });
  return openStoreReader({ call, table: environment('TABLE_NAME') });
};

/** Health on Lambda: one read of the table, no SDK and no secret. */
export const openHealth = (variables: Readonly<Record<string, string | undefined>>) => ({
  store: openOrClosed(lambdaLog, () => open(variables), { read: refuseClosed }),
  clock: systemClock,
});
