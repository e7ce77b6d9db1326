import { Console } from 'node:console';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMistralCalls } from '../../lib/adapters/mistral/calls.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import { hasErrorTable } from '../adapters/mistral/error-table.ts';
import { KEY } from '../adapters/mistral/serve.ts';
import { ANSWERS } from '../adapters/mistral/table/answers.ts';
import type { TableCase } from '../adapters/mistral/table/case.ts';
import { CLIENT } from '../adapters/mistral/table/client.ts';
import { RESOLVED } from '../adapters/mistral/table/resolved.ts';
import { STREAMS } from '../adapters/mistral/table/streams.ts';
import { paveTheWay, WAY } from '../adapters/mistral/table/way.ts';
import { WIRE } from '../adapters/mistral/table/wire.ts';
import { METRICS_VARIABLE, PLANTED } from './no-secret-cases-peers.ts';
import { findLeaks, needlesOf } from './no-secret-cases-sinks.ts';
import { type Told, tellStory } from './no-secret-cases-story.ts';

/*
 * Each case of the measured table once more, through the whole bot: alert, diagnosis, Slack, evidence, ticket, postmortem, command and
 * terminal. Every server says the key that it was asked with, whole, halved and encoded, a prompt and a completion wherever that leaves the
 * case what it is.
 */

const CASES = hasErrorTable ? [...CLIENT, ...WAY, ...WIRE, ...STREAMS, ...RESOLVED, ...ANSWERS] : [];

/** Stories wait more than they work, the first ones most. */
const AT_ONCE = 14;

/** Where no word of HTTP comes from the API: only what is asked besides plants there, and what the failures themselves say. */
const SPEECHLESS: ReadonlySet<string> = new Set([
  ...WAY.map(({ row }) => row),
  'connection refused',
  'serverURL invalid',
  'retry: conn refused retryConnectionErrors:true',
  'retry: conn refused retryConnectionErrors:false',
]);

const told = new Map<string, Told | Error>();
const printed: Buffer[] = [];

paveTheWay();

/** All that this process prints, whoever does; the end of it is returned. */
const keepPrinted = (): (() => void) => {
  const { stdout, stderr } = process;
  const [out, err] = [stdout.write, stderr.write];
  const write = (text: string | Uint8Array): boolean => printed.push(Buffer.from(text)) > 0;
  Object.assign(stdout, { write });
  Object.assign(stderr, { write });
  const usual = globalThis.console;
  vi.stubGlobal('console', new Console({ stdout, stderr }));
  return () => {
    Object.assign(stdout, { write: out });
    Object.assign(stderr, { write: err });
    vi.stubGlobal('console', usual);
  };
};

beforeAll(async () => {
  vi.stubEnv(METRICS_VARIABLE, PLANTED.metricsToken);
  // The SDK would print keys.
  vi.stubEnv('MISTRAL_DEBUG', 'true');
  await createMistralCalls({ serverUrl: '', clock: systemClock }).warmUp();
  const stop = keepPrinted();
  const left = [...CASES];
  const tellRest = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift())
      told.set(one.row, await tellStory(one).catch((error: unknown) => new Error(String(error))));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, tellRest)).finally(stop);
}, 240_000);

afterAll(() => {
  vi.unstubAllEnvs();
});

const secretsOf = ({ key = KEY }: Pick<TableCase, 'key'>): readonly string[] => [key, ...Object.values(PLANTED)];

describe.skipIf(!hasErrorTable)('no key, no part of one and no prompt', () => {
  it.each(CASES)('is in any sink after $row', (one) => {
    const story = told.get(one.row);
    if (story === undefined || !('sinks' in story)) throw story ?? new Error('not told');
    const { sinks, judged, served } = story;
    expect(findLeaks(sinks, needlesOf(secretsOf(one)))).toEqual([]);
    expect(judged).toContain(one.expected);
    expect([served.byMistral > 0, served.around > 0]).toEqual([!SPEECHLESS.has(one.row), true]);
    const names = sinks.map(({ name }) => name).join('\n');
    for (const name of [/^bot\/state\.sqlite$/, /\.tar\.gz$/, /ticket\.md$/, /^bot\/postmortems\//, /^log$/, /^Slack$/])
      expect(names).toMatch(new RegExp(name, 'm'));
  });

  it('is printed meanwhile', () => {
    const needles = needlesOf(CASES.flatMap(secretsOf));
    expect(findLeaks([{ name: 'printed', bytes: Buffer.concat(printed) }], needles)).toEqual([]);
  });
});
