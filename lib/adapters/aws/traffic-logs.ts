import * as z from 'zod/mini';
import type { ProbeFacts } from '../../domain/diagnosis.ts';
import type { FactSource } from '../../ports/probe-sources.ts';
import type { ServiceTarget } from '../../ports/probes.ts';
import type { Clock, Wait } from '../../ports/world.ts';
import { readTrafficNumber } from '../traffic-numbers.ts';
import { AwsError } from './failure.ts';
import type { SignedCall } from './signed-request.ts';

/** Logs of a service with one line per call to Mistral, as JSON with a status. */
export type TrafficLogs = {
  readonly logGroups: readonly string[];
  /** A field of the line: `200`, `429`, `timeout`. */
  readonly statusField: string;
  readonly windowMinutes: number;
};

type LogsWorld = {
  readonly call: SignedCall;
  readonly clock: Clock;
  readonly wait: Wait;
  /** null: nothing is configured there for the service. */
  readonly sourceOf: (target: ServiceTarget) => TrafficLogs | null;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LOOK_MS = 400;
/** There are not so many different outcomes of a call. */
const MOST_OUTCOMES = 200;

const STARTED = z.object({ queryId: z.string() });
const ROW = z.array(z.object({ field: z.string(), value: z.optional(z.nullable(z.string())) }));
const RESULTS = z.object({ status: z.string(), results: z._default(z.array(ROW), []) });

type Counts = { readonly requests: number; readonly failed: number };

const WELL = /^(?:[123]\d\d|ok|success)$/i;

const quote = (field: string): string => (/^\w+$/.test(field) ? field : `\`${field}\``);

/** Counts alone leave the logs, by the one structural field that was named: no line, no message. */
const queryFor = (field: string): string =>
  `filter ispresent(${quote(field)}) | stats count(*) as calls by ${quote(field)} as outcome | limit ${MOST_OUTCOMES}`;

const countRows = (rows: z.output<typeof RESULTS>['results']): Counts => {
  let [requests, failed] = [0, 0];
  for (const row of rows) {
    const member = (name: string): string => row.find(({ field }) => field === name)?.value ?? '';
    if (!/^\d{1,15}$/.test(member('calls')))
      throw new AwsError('logs.GetQueryResults', 'unreadable', { code: 'NoCount' });
    const calls = Number(member('calls'));
    requests += calls;
    if (!WELL.test(member('outcome'))) failed += calls;
  }
  return { requests, failed };
};

const ask = async (
  { call, wait }: LogsWorld,
  { logGroups, statusField }: TrafficLogs,
  span: { readonly fromMs: number; readonly toMs: number },
  endsMs: number,
): Promise<Counts> => {
  const started = z.safeParse(
    STARTED,
    await call.callJson('logs', 'StartQuery', {
      logGroupNames: logGroups,
      startTime: Math.floor(span.fromMs / 1_000),
      // The end is part of it.
      endTime: Math.ceil(span.toMs / 1_000) - 1,
      queryString: queryFor(statusField),
    }),
  );
  if (!started.success) throw new AwsError('logs.StartQuery', 'unreadable', { code: 'UnknownShape' });
  const fail = (failure: 'unreadable' | 'unavailable' | 'timeout', code: string) =>
    new AwsError('logs.GetQueryResults', failure, { code });
  for (;;) {
    const { queryId } = started.data;
    const answer = z.safeParse(RESULTS, await call.callJson('logs', 'GetQueryResults', { queryId }));
    if (!answer.success) throw fail('unreadable', 'UnknownShape');
    const { status, results } = answer.data;
    if (status === 'Complete') return countRows(results);
    if (status !== 'Scheduled' && status !== 'Running') throw fail('unavailable', `Query${status}`);
    if (performance.now() + LOOK_MS > endsMs) throw fail('timeout', 'QueryStillRunning');
    await wait(LOOK_MS);
  }
};

const tell = ({ requests, failed }: Counts, minutes: number, suffix: '' | 'Before'): ProbeFacts => ({
  [`requestsPerMinute${suffix}`]: readTrafficNumber('requestsPerMinute', requests / minutes),
  ...(requests === 0 ? {} : { [`failingShare${suffix}`]: readTrafficNumber('failingShare', failed / requests) }),
});

const readLogTraffic = async (world: LogsWorld, source: TrafficLogs, limitMs: number): Promise<ProbeFacts> => {
  const endsMs = performance.now() + limitMs;
  const { windowMinutes: minutes } = source;
  const toMs = world.clock.nowMs();
  const now = { fromMs: toMs - minutes * MINUTE_MS, toMs };
  const before = { fromMs: now.fromMs - HOUR_MS, toMs: toMs - HOUR_MS };
  const [present, past] = await Promise.all([
    ask(world, source, now, endsMs),
    ask(world, source, before, endsMs)
      .then((counts) => tell(counts, minutes, 'Before'))
      .catch((): ProbeFacts => ({})),
  ]);
  // Lines may come late, or not at all where nobody calls: without any, nothing is known.
  if (present.requests === 0) throw new AwsError('logs.GetQueryResults', 'not-found', { code: 'NoCallsInTheLogs' });
  return {
    ...tell(present, minutes, ''),
    ...past,
    windowMinutes: minutes,
  };
};

/** Calls counted in the logs, for when nothing else tells: slower, and AWS asks money for each gigabyte that is searched. Needs StartQuery, GetQueryResults. */
export const createLogTraffic = (world: LogsWorld): FactSource => ({
  name: 'CloudWatch Logs',
  isFor: (target) => world.sourceOf(target) !== null,
  read: async (target, timeoutMs) => {
    const source = world.sourceOf(target);
    return source === null ? null : readLogTraffic(world, source, timeoutMs);
  },
});
