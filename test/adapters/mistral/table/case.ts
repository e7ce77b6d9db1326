import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMistralCalls } from '../../../../lib/adapters/mistral/calls.ts';
import { systemClock, systemWait } from '../../../../lib/adapters/system.ts';
import type { Branch } from '../../../../lib/domain/branch.ts';
import type { Diagnosis } from '../../../../lib/domain/diagnosis.ts';
import type { CallResult, MistralCalls } from '../../../../lib/ports/probes.ts';
import { runProbes } from '../../../../lib/probes/probe.ts';
import { classify } from '../../../../lib/triage/classify.ts';
import { judge } from '../../../../lib/triage/judge.ts';
import { diagnose } from '../../../../lib/triage/tree.ts';
import { diagnosisBlocks } from '../../../../templates/diagnosis.ts';
import { KEY, partsOfKey, type Served, serve, serveTcp } from '../serve.ts';
import { sendWell } from './well.ts';

type Handle = Parameters<typeof serve>[0];
type Speak = Parameters<typeof serveTcp>[0];

/** What servers do besides what the table measured. */
export type Twist = {
  readonly http: (handle: Handle) => Handle;
  /** `isSilent`: nothing of HTTP comes from it by itself. */
  readonly tcp: (speak: Speak, isSilent: boolean) => Speak;
};

export const AS_MEASURED: Twist = { http: (handle) => handle, tcp: (speak) => speak };

export type Asked = 'models' | 'card' | 'chat' | 'stream';
export type Opened = {
  readonly calls: MistralCalls;
  readonly url: string;
  /** The calls are not those that our own probes make. */
  readonly isForeign?: boolean;
  readonly close: () => Promise<void>;
};

/** One row of the measured table, produced again. */
export type TableCase = {
  /** As the table names it. */
  readonly row: string;
  readonly expected: Branch | 'ok';
  readonly asked?: Asked;
  /** Whether the other questions are answered well; else they meet the same. */
  readonly isAlone?: boolean;
  readonly key?: string;
  readonly timeoutMs?: number;
  readonly open: (twist?: Twist) => Promise<Opened>;
};

const USUAL_MS = 4_000;
export const MODEL = 'mistral-small-latest';

/** The names of some cases lead to this machine. */
export const callsTo = (serverUrl: string): MistralCalls =>
  createMistralCalls({ serverUrl, clock: systemClock, allowPrivate: true });

const onto = async (server: Promise<Served>): Promise<Opened> => {
  const { url, close } = await server;
  return { calls: callsTo(url), url, close };
};

export const answering =
  (handle: Handle): TableCase['open'] =>
  (twist = AS_MEASURED) =>
    onto(serve(twist.http(handle)));

export const speaking =
  (speak: Speak, isSilent = false): TableCase['open'] =>
  (twist = AS_MEASURED) =>
    onto(serveTcp(twist.tcp(speak, isSilent)));

/** What is answered to any request: bytes, and what becomes of the connection then. */
export const sending = (text: string, then: 'end' | 'reset' | 'stay' = 'end'): TableCase['open'] =>
  speaking((socket) => {
    socket.once('data', () => {
      if (then === 'end') socket.end(text);
      else socket.write(text, () => (then === 'reset' ? setImmediate(() => socket.resetAndDestroy()) : undefined));
    });
  }, text === '');

export const sendingJson = (body: string, status = 200, headers: Readonly<Record<string, string>> = {}) =>
  answering((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });

const ask = (calls: MistralCalls, { asked, key = KEY, timeoutMs = USUAL_MS }: TableCase): Promise<CallResult> =>
  ({
    models: () => calls.listModels(key, timeoutMs),
    card: () => calls.retrieveModel(key, MODEL, timeoutMs),
    chat: () => calls.chatOnce(key, MODEL, timeoutMs),
    stream: () => calls.streamOnce(key, MODEL, timeoutMs),
  })[asked ?? 'models']();

/** Of a case, the call that it is about. */
export const METHODS = { models: 'listModels', card: 'retrieveModel', chat: 'chatOnce', stream: 'streamOnce' } as const;

const triage = async (
  mistral: MistralCalls,
  { asked, key = KEY, timeoutMs = USUAL_MS }: TableCase,
): Promise<Diagnosis> => {
  const target = { name: 'checkout', environment: 'production', models: [MODEL], secretId: 's', healthUrl: null };
  const answers = await runProbes({
    target: { ...target, streams: asked === 'stream' },
    key,
    mistral,
    health: { get: () => Promise.reject(new Error('not configured')) },
    clock: systemClock,
    wait: systemWait,
    deadlineMs: 2 * USUAL_MS,
    limitsMs: { models: timeoutMs, chat: timeoutMs },
  });
  const context = { at: new Date().toISOString(), service: target.name, models: target.models };
  return diagnose(answers.map(judge), { ...context, standby: 'unknown' });
};

export const describeCases = (title: string, cases: readonly TableCase[]): void => {
  describe(title, () => {
    let well: Opened | undefined;
    beforeAll(async () => {
      well = await answering(sendWell)();
      // Loading holds up everything else for a second, and with it whatever is timed meanwhile.
      await createMistralCalls({ serverUrl: '', clock: systemClock }).warmUp();
    });
    afterAll(() => well?.close());

    it.concurrent.each(cases)('$row: $expected, and so says the whole triage', async (one) => {
      const { calls, close } = await one.open();
      try {
        const result = await ask(calls, one);
        const method = METHODS[one.asked ?? 'models'];
        const diagnosis = await triage(
          one.isAlone === true ? { ...(well?.calls ?? calls), [method]: calls[method] } : calls,
          one,
        );
        expect(result.ok ? 'ok' : classify(result.failure, result.evidence)).toBe(one.expected);
        expect(diagnosis.branch).toBe(one.expected === 'ok' ? 'healthy' : one.expected);
        const key = one.key ?? KEY;
        expect(
          [result, diagnosis, diagnosisBlocks(diagnosis, 'checkout')].flatMap((told) => partsOfKey(told, key)),
        ).toEqual([]);
      } finally {
        await close();
      }
    });
  });
};
