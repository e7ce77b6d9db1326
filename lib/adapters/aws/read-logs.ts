import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  type ResultField,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogLines } from '../../domain/telemetry.ts';
import type { TelemetryQuestion } from '../../ports/telemetry.ts';
import type { Clock, Wait } from '../../ports/world.ts';
import { type AwsAccess, clientSettings } from './clients.ts';
import type { CloudwatchSource } from './cloudwatch-source.ts';
import { AwsError, classifyAwsFailure } from './failure.ts';

/** More lines than anybody reads, and far below the 10,000 that one answer may hold. */
const MAX_LINES = 500;

/** Ids, codes and durations are shorter; whatever is longer is none of these. */
const MAX_VALUE_CHARS = 200;

const DEADLINE_MS = 20_000;
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 2_000;

/** Loaded when logs are asked for; see `telemetry.ts`. */
export const openLogs = (access: AwsAccess): CloudWatchLogsClient => new CloudWatchLogsClient(clientSettings(access));

type Time = { readonly clock: Clock; readonly wait: Wait };

/** Logs Insights: the newest lines of the time with the named fields and nothing else of them. Gives up after 20 s. */
export const readLogs = async (
  client: CloudWatchLogsClient,
  { logGroups, logFields }: CloudwatchSource,
  question: TelemetryQuestion,
  time: Time,
): Promise<LogLines> => {
  const queryId = await startQuery(client, { logGroups, logFields }, question);
  const results = await waitForResults(client, queryId, time);
  const lines = results.map((line) => pickFields(line, new Set(logFields))).reverse();
  return { logGroups, fields: logFields, lines, isCut: lines.length >= MAX_LINES };
};

/** What is not a plain word stands in backticks. The configuration lets no backtick in. */
const quote = (field: string): string => (/^[\w.@]+$/.test(field) ? field : `\`${field}\``);

const startQuery = async (
  client: CloudWatchLogsClient,
  { logGroups, logFields }: Pick<CloudwatchSource, 'logGroups' | 'logFields'>,
  { fromMs, toMs }: TelemetryQuestion,
): Promise<string> => {
  const call = 'logs.StartQuery';
  try {
    const { queryId } = await client.send(
      new StartQueryCommand({
        logGroupNames: [...logGroups],
        startTime: Math.floor(fromMs / 1_000),
        endTime: Math.ceil(toMs / 1_000),
        queryString: `fields ${logFields.map(quote).join(', ')} | sort @timestamp desc | limit ${MAX_LINES}`,
      }),
    );
    if (queryId === undefined) throw new AwsError(call, 'unreadable', { code: 'NoQueryId' });
    return queryId;
  } catch (error) {
    throw classifyAwsFailure(call, error);
  }
};

const waitForResults = async (
  client: CloudWatchLogsClient,
  queryId: string,
  { clock, wait }: Time,
): Promise<readonly ResultField[][]> => {
  const call = 'logs.GetQueryResults';
  const endMs = clock.nowMs() + DEADLINE_MS;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(MAX_WAIT_MS, waitMs * 2)) {
    const answer = await client
      .send(new GetQueryResultsCommand({ queryId }))
      .catch((error: unknown): GetQueryResultsCommandOutput => {
        throw classifyAwsFailure(call, error);
      });
    if (answer.status === 'Complete') return answer.results ?? [];
    if (answer.status !== 'Scheduled' && answer.status !== 'Running') {
      throw new AwsError(call, 'unavailable', { code: `Query${answer.status ?? 'Unknown'}` });
    }
    if (clock.nowMs() + waitMs > endMs) throw new AwsError(call, 'timeout', { code: 'QueryStillRunning' });
    await wait(waitMs);
  }
};

/** Insights adds a pointer by which the whole message could be read: nothing is kept that was not asked for. */
const pickFields = (line: readonly ResultField[], fields: ReadonlySet<string>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    line.flatMap(({ field, value }) =>
      field !== undefined && value !== undefined && fields.has(field) ? [[field, value.slice(0, MAX_VALUE_CHARS)]] : [],
    ),
  );
