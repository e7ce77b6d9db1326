import { createServer, type RequestListener } from 'node:http';
import { createHealthCalls } from '../../lib/adapters/http.ts';
import { createMistralCalls } from '../../lib/adapters/mistral/calls.ts';
import { createNetworkCalls } from '../../lib/adapters/network.ts';
import { createStatusPage } from '../../lib/adapters/status-page.ts';
import { systemClock, systemWait } from '../../lib/adapters/system.ts';
import type { ProbeAnswer } from '../../lib/domain/diagnosis.ts';
import { NO_SOURCES } from '../../lib/ports/probe-sources.ts';
import type { HealthCalls } from '../../lib/ports/probes.ts';
import { runProbes } from '../../lib/probes/probe.ts';
import { chatAnswer, MODELS_ANSWER } from '../probes/mistral-answers.ts';
import { summarise, table } from './percentiles.ts';

/**
 * A whole round of probes against services on loopback: what the round takes beside its slowest healthy probe, when its first line is
 * there while others hang, when it ends at the latest, and what it holds in memory while somebody pours 500 MB at it.
 */
const ROUNDS = 15;
const SLOW_MS = 1_500;
const DEADLINE_MS = 4_000;
const HUGE_BYTES = 500_000_000;
const GOALS = { overSlowest: 1.05, firstLineMs: 2_000, overDeadlineMs: 150, growthBytes: 100_000_000 } as const;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const json = { 'content-type': 'application/json' };

const afterMs = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

type Manner = 'fast' | 'slow' | 'hang' | 'pour';

const pour = (response: Parameters<RequestListener>[1]): void => {
  const chunk = Buffer.alloc(65_536, ' ');
  let left = HUGE_BYTES;
  response.writeHead(200, { ...json, 'content-length': HUGE_BYTES });
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.byteLength;
      if (!response.write(chunk)) return;
    }
    response.end();
  };
  response.on('drain', more);
  more();
};

const answerIn = async (manner: Manner, response: Parameters<RequestListener>[1], body: unknown): Promise<void> => {
  if (manner === 'hang') return;
  if (manner === 'pour') return pour(response);
  if (manner === 'slow') await afterMs(SLOW_MS);
  response.writeHead(200, json).end(JSON.stringify(body));
};

/** Models are named after the manner in which they answer: `fast-1`, `hang-2`. */
const mannerOf = (model: string): Manner => {
  const [first] = model.split('-');
  return first === 'slow' || first === 'hang' || first === 'pour' ? first : 'fast';
};

const readModel = async (request: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  return typeof body === 'object' && body !== null && 'model' in body ? String(body.model) : '';
};

const route = async (...[request, response]: Parameters<RequestListener>): Promise<void> => {
  const path = request.url ?? '';
  if (path.startsWith('/v1/models/')) return answerIn('fast', response, MODELS_ANSWER.data[0]);
  if (path.startsWith('/v1/models')) return answerIn('fast', response, MODELS_ANSWER);
  if (path.startsWith('/v1/chat')) {
    const model = await readModel(request);
    return answerIn(mannerOf(model), response, chatAnswer(model));
  }
  return answerIn(mannerOf(path.slice(1)), response, { status: { indicator: 'none' }, incidents: [] });
};

const open = async () => {
  const server = createServer((request, response) => void route(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, close };
};

type Round = {
  readonly tookMs: number;
  readonly firstMs: number;
  readonly slowestMs: number;
  readonly answers: readonly ProbeAnswer[];
};

type Scene = {
  readonly models: readonly string[];
  readonly statusPage?: Manner;
  readonly deadlineMs?: number;
  /** A client that does not keep its own limit. */
  readonly health?: HealthCalls;
};

const NEVER: HealthCalls = { get: () => new Promise(() => undefined) };

const isOk = ({ outcome }: ProbeAnswer): boolean => outcome === 'ok';

const ask = async (
  url: string,
  { models, statusPage = 'fast', deadlineMs = DEADLINE_MS, health = createHealthCalls() }: Scene,
): Promise<Round> => {
  const startedMs = performance.now();
  let firstMs = Number.POSITIVE_INFINITY;
  let slowestMs = 0;
  const answers = await runProbes({
    target: { name: 'bench', environment: 'production', models, secretId: 'x', healthUrl: `${url}/fast` },
    key: 'fake-key-of-the-bench',
    mistral: createMistralCalls({ serverUrl: url, clock: systemClock }),
    health,
    sources: {
      ...NO_SOURCES,
      network: createNetworkCalls({ apiUrl: url, variables: {} }),
      statusPage: createStatusPage({ url: `${url}/${statusPage}`, format: 'statuspage', allowPrivate: true }),
    },
    clock: systemClock,
    wait: systemWait,
    deadlineMs,
    onAnswer: (answer) => {
      const atMs = performance.now() - startedMs;
      // What a step of the way says is true at once and helps nobody yet: a useful line is one of Mistral itself.
      if (/^(?:models|chat:)/.test(answer.name)) firstMs = Math.min(firstMs, atMs);
      if (isOk(answer)) slowestMs = Math.max(slowestMs, answer.latencyMs);
    },
  });
  return { tookMs: performance.now() - startedMs, firstMs, slowestMs, answers };
};

const times = async (count: number, run: () => Promise<Round>): Promise<readonly Round[]> => {
  const rounds: Round[] = [];
  for (let index = 0; index < count; index += 1) rounds.push(await run());
  return rounds;
};

/** The most that the process held above what it held before, looked at all the time. */
const growthOf = async (run: () => Promise<unknown>): Promise<number> => {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 5);
  await run();
  clearInterval(watch);
  return most - before;
};

const run = async (): Promise<boolean> => {
  const { url, close } = await open();
  await createMistralCalls({ serverUrl: url, clock: systemClock }).warmUp();
  await ask(url, { models: ['fast-1'] });
  const fine = ['fast-1', 'fast-2', 'fast-3', 'slow-1'];
  const well = await times(ROUNDS, () => ask(url, { models: fine }));
  const beside = await times(ROUNDS, () => ask(url, { models: fine, statusPage: 'hang' }));
  const hanging = await times(3, () => ask(url, { models: [...fine, 'hang-1', 'hang-2'] }));
  const short = await times(5, () => ask(url, { models: ['hang-1', 'fast-1'], deadlineMs: 500, health: NEVER }));
  const growthBytes = await growthOf(() => times(3, () => ask(url, { models: ['pour-1', 'pour-2', 'fast-1'] })));
  close();
  const over = (rounds: readonly Round[]) => summarise(rounds.map(({ tookMs, slowestMs }) => tookMs / slowestMs));
  const first = summarise(hanging.map(({ firstMs }) => firstMs));
  const late = summarise([
    ...hanging.map(({ tookMs }) => tookMs - DEADLINE_MS),
    ...short.map(({ tookMs }) => tookMs - 500),
  ]);
  const lost = hanging.flatMap(({ answers }) => answers.filter(({ name }) => /^chat:(?:fast|slow)/.test(name)));
  const figures = {
    overSlowest: over(well).p50,
    overSlowestBesideHangingPage: over(beside).p50,
    overSlowestP95: over(well).p95,
    firstLineMs: first.p99,
    overDeadlineMs: late.p99,
    growthBytes,
    healthyWhileOthersHang: lost.every(isOk),
  };
  say(
    table([
      ['', 'measured', 'goal'],
      ['round / slowest healthy probe, p50', String(figures.overSlowest), `<= ${GOALS.overSlowest}`],
      ['p95 (worse where the machine is busy)', String(figures.overSlowestP95), ''],
      ['the same, status page hangs, p50', String(figures.overSlowestBesideHangingPage), `<= ${GOALS.overSlowest}`],
      ['first line while others hang, ms', String(figures.firstLineMs), `<= ${GOALS.firstLineMs}`],
      ['end after the deadline, ms', String(figures.overDeadlineMs), `<= ${GOALS.overDeadlineMs}`],
      ['memory while 500 MB pour, MB', String(Math.round(growthBytes / 1e6)), `<= ${GOALS.growthBytes / 1e6}`],
    ]),
  );
  say(JSON.stringify({ bench: 'triage', rounds: ROUNDS, slowMs: SLOW_MS, ...figures, goals: GOALS }));
  return (
    figures.overSlowest <= GOALS.overSlowest &&
    figures.overSlowestBesideHangingPage <= GOALS.overSlowest &&
    figures.firstLineMs <= GOALS.firstLineMs &&
    figures.overDeadlineMs <= GOALS.overDeadlineMs &&
    figures.growthBytes <= GOALS.growthBytes &&
    figures.healthyWhileOthersHang
  );
};

process.exitCode = (await run()) ? 0 : 1;
