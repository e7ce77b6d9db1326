import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { startAlertmanager } from './alertmanager.ts';
import { type Bot, startBot } from './bot.ts';
import { type Summary, summarise, table } from './percentiles.ts';
import { openSink, type Sink } from './sink.ts';
import { type System, serviceOf } from './system.ts';

/**
 * From the start of the POST of one alert to the arrival of its message in a sink: this bot and a real Alertmanager with `group_wait: 0s`
 * in one run, in turns, so that whatever else the machine does hits both. The bot's alerts are synced to the disk before its answer,
 * Alertmanager's are kept in memory. Only the ratio within one run means something.
 */
const ALERTS = 150;
const WARM_UP = 20;
const BLOCK = 10;
const GAP_MS = 20;
const ARRIVAL_LIMIT_MS = 15_000;
/** Our p50 is wanted at most this many times Alertmanager's. */
const GOAL = 5;

type Sample = { readonly answeredMs: number; readonly shownMs: number | null };

const GET_ALERTMANAGER =
  'This bench needs a real Alertmanager in ALERTMANAGER_BIN; on Debian: "apt-get download prometheus-alertmanager && dpkg -x prometheus-alertmanager_*.deb am" and ALERTMANAGER_BIN=$PWD/am/usr/bin/prometheus-alertmanager.';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const tellOne = async (system: System, sink: Sink, index: number): Promise<Sample> => {
  const startMs = performance.now();
  const [status, atMs] = await Promise.all([
    system.post(index).then((given) => ({ given, answeredMs: performance.now() - startMs })),
    sink.arrival(system.idOf(index), ARRIVAL_LIMIT_MS),
  ]);
  if (status.given < 200 || status.given > 299) throw new Error(`${system.name} answered ${status.given}`);
  await new Promise((resume) => setTimeout(resume, GAP_MS));
  return { answeredMs: status.answeredMs, shownMs: atMs === null ? null : atMs - startMs };
};

/** Blocks of one system, then the other, the order turned around each time. */
const tellAll = async (systems: readonly System[], sink: Sink): Promise<ReadonlyMap<string, readonly Sample[]>> => {
  const samples = new Map<string, Sample[]>(systems.map(({ name }) => [name, []]));
  for (const system of systems) for (let index = 0; index < WARM_UP; index += 1) await tellOne(system, sink, index);
  for (let block = 0; block < ALERTS / BLOCK; block += 1) {
    const first = WARM_UP + block * BLOCK;
    for (const system of block % 2 === 0 ? systems : systems.toReversed())
      for (let index = first; index < first + BLOCK; index += 1)
        samples.get(system.name)?.push(await tellOne(system, sink, index));
  }
  return samples;
};

const shownOf = (samples: readonly Sample[]): Summary =>
  summarise(samples.map(({ shownMs }) => shownMs ?? Number.POSITIVE_INFINITY));

const report = (samples: ReadonlyMap<string, readonly Sample[]>, stored: number): boolean => {
  const rows = [...samples].map(([name, all]) => ({
    name,
    shown: shownOf(all),
    answered: summarise(all.map(({ answeredMs }) => answeredMs)),
    missing: all.filter(({ shownMs }) => shownMs === null).length,
  }));
  const cells = rows.map(({ name, shown, answered, missing }) => [
    name,
    ...[shown.p50, shown.p95, shown.p99, answered.p50].map((value) => value.toFixed(2)),
    String(missing),
  ]);
  const header = ['ms from POST to', 'sink p50', 'p95', 'p99', 'answer p50', 'not shown'];
  say(table([header, ...cells]));
  const [bot, alertmanager] = rows;
  const ratio = Math.round(((bot?.shown.p50 ?? 0) / (alertmanager?.shown.p50 ?? 0)) * 100) / 100;
  const lost = ALERTS + WARM_UP - stored;
  say(
    `p50 is ${ratio} times Alertmanager's (goal: at most ${GOAL}). After SIGKILL ${stored} of ${ALERTS + WARM_UP} accepted alerts are in an incident.`,
  );
  say(JSON.stringify({ bench: 'notify', alerts: ALERTS, ratioP50: ratio, goal: GOAL, lost, systems: rows }));
  return lost === 0 && rows.every(({ missing }) => missing === 0);
};

const run = async (binary: string): Promise<boolean> => {
  const output = resolve(import.meta.dirname, '../../test-output');
  await mkdir(output, { recursive: true });
  // Not under the system's temporary folder, which may be in memory: syncing must cost what it costs.
  const folder = await mkdtemp(`${output}/bench-notify-`);
  const services = ALERTS + WARM_UP;
  const sink = await openSink(Array.from({ length: services }, (_, index) => serviceOf(index)));
  const running: System[] = [];
  try {
    const bot: Bot = await startBot({ folder, sinkUrl: sink.url, services });
    running.push(bot);
    running.push(await startAlertmanager({ binary, folder, sinkUrl: sink.url }));
    const samples = await tellAll(running, sink);
    return report(samples, await bot.killAndCount());
  } finally {
    await Promise.all(running.map((system) => system.stop()));
    await sink.close();
    await rm(folder, { recursive: true, force: true });
  }
};

const binary = process.env['ALERTMANAGER_BIN'] ?? '';
if (existsSync(binary)) process.exitCode = (await run(binary)) ? 0 : 1;
else {
  process.stderr.write(`${GET_ALERTMANAGER}\n`);
  process.exitCode = 2;
}
