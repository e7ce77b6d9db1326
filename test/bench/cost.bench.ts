import { skipsMoto } from '../conformance/aws/moto.ts';
import { type Packaged, packageService } from '../conformance/packaged.ts';
import { alarmsOf, emptyReceives, idleMonth } from './cost/idle.ts';
import { costsOf, PRICED_AT, type PriceName, REGION, sumOf, type Usage } from './cost/prices.ts';
import { COST_CONFIG, countOpenings, countRepeats, countTick, type Row, scale } from './cost/rows.ts';
import { ASSUMED } from './cost/usage.ts';
import { table } from './percentiles.ts';

/**
 * What the built functions would cost on AWS: the calls that they really make to DynamoDB, SQS and the rest, counted in the whole path
 * and multiplied with list prices. Only durations are assumed. Nothing is called that costs.
 */
const COUNTED = 1_000;

type Line = {
  readonly name: string;
  readonly usage: Usage;
  readonly goalUsd: number | null;
  readonly isFree?: boolean;
};

const GROUPS: readonly (readonly [name: string, prices: readonly PriceName[]])[] = [
  ['HTTP API', ['httpApiRequests']],
  ['Lambda', ['lambdaRequests', 'lambdaGbSeconds', 'schedules']],
  ['SQS', ['sqsRequests']],
  ['DynamoDB', ['writeUnits', 'readUnits']],
  ['secrets', ['secrets', 'secretCalls', 'kmsCalls']],
  ['logs, alarms', ['logBytes', 'alarms', 'metrics', 's3Puts']],
];

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const totalOf = ({ usage, isFree = false }: Line): number => sumOf(costsOf(usage, { isFree }));

const tell = (unit: string, digits: number, lines: readonly Line[]): void => {
  const usd = (value: number): string => (value === 0 ? '-' : value.toFixed(digits));
  const cells = lines.map((line) => {
    const costs = costsOf(line.usage, { isFree: line.isFree ?? false });
    const groups = GROUPS.map(([, prices]) => usd(prices.reduce((sum, price) => sum + (costs[price] ?? 0), 0)));
    return [line.name, usd(totalOf(line)), line.goalUsd === null ? '' : String(line.goalUsd), ...groups];
  });
  say(table([[unit, 'all', 'goal', ...GROUPS.map(([name]) => name)], ...cells]));
};

const REPEATS = { keys: 5, alertsPerBody: 1, bodiesPerBatch: 10, bodies: COUNTED };
const OF_TEN = { keys: 10, alertsPerBody: 10, bodiesPerBatch: 10, bodies: COUNTED / 10 };

const countAlerts = async (packaged: Packaged) => {
  const singles = await countRepeats(packaged, REPEATS);
  const tens = await countRepeats(packaged, OF_TEN);
  const trickle = await countRepeats(packaged, { ...REPEATS, bodiesPerBatch: 1, bodies: COUNTED / 5 });
  const tensTrickle = await countRepeats(packaged, { ...OF_TEN, bodiesPerBatch: 1, bodies: COUNTED / 20 });
  const old = await countRepeats(packaged, { ...REPEATS, bodies: COUNTED / 5, bodiesBefore: 800 });
  const openings = await countOpenings(packaged, 50);
  const line = (name: string, row: Row, goalUsd: number | null = null): Line => ({
    name,
    usage: scale(row, COUNTED),
    goalUsd,
  });
  const lines: readonly Line[] = [
    line('repeats, posted singly, 10 jobs a batch', singles, 0.003),
    line('the same in bodies of ten', tens, 0.0005),
    line('each opens an incident', openings),
    line('repeats, singly, a batch for each', trickle),
    line('bodies of ten, a batch for each', tensTrickle),
    line('repeats, singly, keys with 800 repeats', old),
  ];
  return { lines, singles, openings };
};

const tellHere = ({ taken }: Row): void => {
  const [door, batch] = [taken.meanMs('alerts'), taken.meanMs('worker')];
  const assumed = ASSUMED.batchMs / ASSUMED.doorMs;
  say(
    `Assumed at 512 MB: ${ASSUMED.doorMs} ms to take a body, ${ASSUMED.batchMs} ms for a batch (${assumed} times that; here ` +
      `${(batch / door).toFixed(1)} times: ${batch.toFixed(1)} to ${door.toFixed(1)} ms), ${ASSUMED.slackCallMs} ms for a call to Slack, ` +
      `${ASSUMED.mistralCallMs} to Mistral, ${ASSUMED.paceMs} for Slack's pace at each message.`,
  );
};

/** Mistral's key stands in a secret because the application reads it there, with the bot or without. */
const withoutOne = (month: Usage): Usage => ({ ...month, secrets: (month.secrets ?? 0) - 1 });

const run = async (): Promise<boolean> => {
  const packaged = await packageService({ replace: { 'triage.config.ts': COST_CONFIG } });
  try {
    const { lines, singles, openings } = await countAlerts(packaged);
    const month = idleMonth(packaged.template, await countTick(packaged));
    const months: readonly Line[] = [
      { name: 'what an idle month adds, within the free tiers', usage: withoutOne(month), goalUsd: 1, isFree: true },
      { name: 'without free tiers', usage: withoutOne(month), goalUsd: null },
      { name: "with the application's own secret, within the free tiers", usage: month, goalUsd: null, isFree: true },
    ];
    tell('USD for 1,000 alerts', 6, lines);
    say('');
    tell('USD a month', 2, months);
    say('');
    say(`${REGION}, list prices of ${PRICED_AT} (test/bench/cost/prices.ts). Two secrets;`);
    say(
      `${alarmsOf(packaged.template)} alarms; ${emptyReceives(packaged.template)} receives of nothing by three event source mappings.`,
    );
    tellHere(singles);
    const all = [...lines, ...months];
    const missed = all.filter((line) => line.goalUsd !== null && totalOf(line) > line.goalUsd).map(({ name }) => name);
    say(`Goals missed: ${missed.join('; ') || 'none'}.`);
    const rows = all.map((line) => ({ name: line.name, usd: totalOf(line), goalUsd: line.goalUsd, usage: line.usage }));
    const calls = { singles: singles.taken.calls, openings: openings.taken.calls };
    say(JSON.stringify({ bench: 'cost', region: REGION, pricedAt: PRICED_AT, assumed: ASSUMED, rows, calls }));
    return missed.length === 0;
  } finally {
    await packaged.remove();
  }
};

if (skipsMoto) {
  process.stderr.write(
    'This bench needs moto for secrets, in MOTO_SERVER_BIN; `.ci/run` says which one and how it is installed.\n',
  );
  process.exitCode = 2;
} else process.exitCode = (await run()) ? 0 : 1;
