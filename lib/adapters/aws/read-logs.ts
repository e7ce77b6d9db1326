import * as z from 'zod/mini';
import type { LogLines } from '../../domain/telemetry.ts';
import type { TelemetryQuestion } from '../../ports/telemetry.ts';
import type { Clock, Wait } from '../../ports/world.ts';
import type { CloudwatchSource } from './cloudwatch-source.ts';
import { AwsError } from './failure.ts';
import type { SignedCall } from './signed-request.ts';

/** More lines than anybody reads, and far below the 10,000 that one answer may hold. */
const MAX_LINES = 500;

/** Ids, codes and durations are shorter; whatever is longer is none of these. */
const MAX_VALUE_CHARS = 200;

const DEADLINE_MS = 20_000;
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 2_000;

type Time = { readonly clock: Clock; readonly wait: Wait };

const STARTED = z.object({ queryId: z.string() });

const LINE = z.array(z.object({ field: z.string(), value: z.optional(z.nullable(z.string())) }));

const RESULTS = z.object({ status: z.string(), results: z._default(z.array(LINE), []) });

/** Logs Insights: the newest lines of the time with the named fields and nothing else of them. Gives up after 20 s. */
export const readLogs = async (
  call: SignedCall,
  { logGroups, logFields }: CloudwatchSource,
  question: TelemetryQuestion,
  time: Time,
): Promise<LogLines> => {
  const queryId = await startQuery(call, { logGroups, logFields }, question);
  const results = await waitForResults(call, queryId, time);
  const lines = results.map((line) => pickFields(line, new Set(logFields))).reverse();
  return { logGroups, fields: logFields, lines, isCut: lines.length >= MAX_LINES };
};

/** What is not a plain word stands in backticks. The configuration lets no backtick in. */
const quote = (field: string): string => (/^[\w.@]+$/.test(field) ? field : `\`${field}\``);

const startQuery = async (
  call: SignedCall,
  { logGroups, logFields }: Pick<CloudwatchSource, 'logGroups' | 'logFields'>,
  { fromMs, toMs }: TelemetryQuestion,
): Promise<string> => {
  const answer = await call.callJson('logs', 'StartQuery', {
    logGroupNames: logGroups,
    startTime: Math.floor(fromMs / 1_000),
    endTime: Math.ceil(toMs / 1_000),
    queryString: `fields ${logFields.map(quote).join(', ')} | sort @timestamp desc | limit ${MAX_LINES}`,
  });
  const started = z.safeParse(STARTED, answer);
  if (!started.success) throw new AwsError('logs.StartQuery', 'unreadable', { code: 'UnknownShape' });
  return started.data.queryId;
};

type Line = z.output<typeof LINE>;

const waitForResults = async (call: SignedCall, queryId: string, { clock, wait }: Time): Promise<readonly Line[]> => {
  const fail = (failure: 'unreadable' | 'unavailable' | 'timeout', code: string) =>
    new AwsError('logs.GetQueryResults', failure, { code });
  const endMs = clock.nowMs() + DEADLINE_MS;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(MAX_WAIT_MS, waitMs * 2)) {
    const answer = z.safeParse(RESULTS, await call.callJson('logs', 'GetQueryResults', { queryId }));
    if (!answer.success) throw fail('unreadable', 'UnknownShape');
    const { status, results } = answer.data;
    if (status === 'Complete') return results;
    if (status !== 'Scheduled' && status !== 'Running') throw fail('unavailable', `Query${status}`);
    if (clock.nowMs() + waitMs > endMs) throw fail('timeout', 'QueryStillRunning');
    await wait(waitMs);
  }
};

/** Insights adds a pointer by which the whole message could be read: nothing is kept that was not asked for. */
const pickFields = (line: Line, fields: ReadonlySet<string>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    line.flatMap(({ field, value }) => (value && fields.has(field) ? [[field, value.slice(0, MAX_VALUE_CHARS)]] : [])),
  );
