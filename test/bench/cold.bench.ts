import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OWN_CLIENT, startFunction } from '../lambda/runtime-api.ts';
import { type Cell, openCells } from './cold-cells.ts';
import { type CpuShare, openCpuShare } from './cpu-share.ts';
import { summarise, table } from './percentiles.ts';

/**
 * From the start of a process to the answer to its first event, as Lambda counts a cold start, with the app's secret read in it. A process
 * for each sample; the functions in turns, each round beginning with another, so that whatever else the machine does hits all alike.
 * Only ratios to the empty function of the same run mean something: no Firecracker, no TLS, no distance to AWS.
 */
const SAMPLES = Number(process.env['BENCH_SAMPLES'] ?? 25);
const WARM_UP = 2;
/** Lambda gives one CPU at 1,769 MB (its documentation), and more than the share during initialisation. */
const SHARE_OF_512_MB = 512 / 1769;
const LIMIT_MS = 30_000;

type Sample = { readonly initMs: number; readonly coldMs: number; readonly warmMs: number };
type Mode = { readonly name: string; readonly share: CpuShare | null; readonly client: readonly string[] };

const GET_CLIENT =
  'With LAMBDA_RIC=<folder of aws-lambda-ric> the runtime client is AWS\'s own: "npm i --no-save aws-lambda-ric@4" (needs cmake, make, g++, autoconf, automake, libtool, xz; not on macOS) and LAMBDA_RIC=$PWD/node_modules/aws-lambda-ric.';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** AWS's own client, where there is one. */
const readClient = (): readonly string[] | null => {
  const folder = process.env['LAMBDA_RIC'] ?? '';
  const program = ['index.mjs', 'bin/index.mjs'].map((name) => join(folder, name)).find((path) => existsSync(path));
  return folder === '' || program === undefined ? null : [program];
};

/**
 * An empty function beside a client that loads Node's http by `import`, and with it undici (18 ms), takes as long as the one that the
 * goals were set with, so they are judged beside that; how that one was measured is not known. AWS's client does not load undici: the
 * figures beside it are told as well, and are stricter.
 */
const FIRST_CLIENT = ['--import', 'data:text/javascript,import%20%22node:http%22', OWN_CLIENT];

const takeSample = async (
  cell: Cell,
  environment: Readonly<Record<string, string>>,
  { share, client }: Mode,
): Promise<Sample> => {
  const running = await startFunction({
    bundle: cell.bundle,
    environment: { ...environment, ...(await cell.prepare?.()) },
    timeoutMs: LIMIT_MS,
    client,
    onInitialised: (processId) => Promise.resolve(share?.limit(processId)),
  });
  try {
    const invoke = async (): Promise<number> => {
      const event = cell.event();
      const startMs = performance.now();
      const answer = await running.invoke(event);
      const tookMs = performance.now() - startMs;
      if (!cell.isGood(answer)) throw new Error(`${cell.name} answered ${JSON.stringify(answer)}\n${running.output()}`);
      return tookMs;
    };
    const initMs = running.initMs();
    const firstMs = await invoke();
    return { initMs, coldMs: initMs + firstMs, warmMs: await invoke() };
  } finally {
    await running.close();
  }
};

/** Rounds of all cells, each beginning with the next of them. */
const takeAll = async (
  cells: readonly Cell[],
  environment: Readonly<Record<string, string>>,
  mode: Mode,
): Promise<ReadonlyMap<string, readonly Sample[]>> => {
  const samples = new Map<string, Sample[]>(cells.map(({ name }) => [name, []]));
  for (let round = -WARM_UP; round < SAMPLES; round += 1) {
    const first = (round + WARM_UP) % cells.length;
    for (const cell of [...cells.slice(first), ...cells.slice(0, first)]) {
      const sample = await takeSample(cell, environment, mode);
      if (round >= 0) samples.get(cell.name)?.push(sample);
    }
  }
  return samples;
};

type Row = {
  readonly name: string;
  readonly initMs: number;
  readonly coldMs: number;
  readonly p95Ms: number;
  readonly warmMs: number;
  readonly ratio: number;
  readonly goal: number | null;
};

const judge = (cells: readonly Cell[], samples: ReadonlyMap<string, readonly Sample[]>): readonly Row[] => {
  const of = (name: string, pick: (sample: Sample) => number) => summarise((samples.get(name) ?? []).map(pick));
  const empty = of('hello', ({ coldMs }) => coldMs).p50;
  return cells.map(({ name, goal }) => {
    const cold = of(name, ({ coldMs }) => coldMs);
    const initMs = of(name, (sample) => sample.initMs).p50;
    const warmMs = of(name, (sample) => sample.warmMs).p50;
    const ratio = Math.round((cold.p50 / empty) * 100) / 100;
    return { name, initMs, coldMs: cold.p50, p95Ms: cold.p95, warmMs, ratio, goal };
  });
};

const report = (mode: string, rows: readonly Row[]): void => {
  const header = [mode, 'init p50 ms', 'cold p50', 'p95', 'second p50', 'to hello', 'goal'];
  const cells = rows.map(({ name, initMs, coldMs, p95Ms, warmMs, ratio, goal }) => [
    name,
    ...[initMs, coldMs, p95Ms, warmMs].map((value) => value.toFixed(1)),
    ratio.toFixed(2),
    goal === null ? '' : `≤ ${goal}${ratio <= goal ? '' : ' missed'}`,
  ]);
  say(table([header, ...cells]));
};

const run = async (): Promise<void> => {
  const client = readClient();
  say(client === null ? GET_CLIENT : 'The client without undici is aws-lambda-ric.');
  say(
    `${SAMPLES} samples each; SQS is fauxqs, DynamoDB dynalite, Secrets Manager and Slack are ours, all on loopback.`,
  );
  const share = openCpuShare(SHARE_OF_512_MB);
  if (share === null)
    say('The CPU share of 512 MB is left out: this machine lets us make no control group (Linux, root).');
  const shares: readonly (readonly [string, CpuShare | null])[] = [
    ['whole CPU', null],
    ...(share === null ? [] : [['CPU of 512 MB after init', share] as const]),
  ];
  const strict = client ?? [OWN_CLIENT];
  const modes: readonly Mode[] = shares.flatMap(([name, one]) => [
    { name, share: one, client: FIRST_CLIENT },
    { name: `${name}, client without undici`, share: one, client: strict },
  ]);
  const opened = await openCells();
  try {
    const results: { readonly mode: string; readonly rows: readonly Row[] }[] = [];
    for (const mode of modes) {
      const rows = judge(opened.cells, await takeAll(opened.cells, opened.environment, mode));
      report(mode.name, rows);
      results.push({ mode: mode.name, rows });
    }
    say(JSON.stringify({ bench: 'cold', samples: SAMPLES, client: client === null ? 'own' : 'ric', results }));
  } finally {
    await opened.close();
    share?.remove();
  }
};

await run();
