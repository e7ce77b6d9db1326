import { judgeModels } from '../../../../lib/adapters/mistral/judge-answer.ts';
import { createSdkLoader, type Sdk } from '../../../../lib/adapters/mistral/load-sdk.ts';
import { readFailure } from '../../../../lib/adapters/mistral/read-failure.ts';
import type { CallResult } from '../../../../lib/ports/probes.ts';
import { findFreePort } from '../../../free-port.ts';
import { KEY, type Served, serve, serveTcp } from '../serve.ts';
import { AS_MEASURED, answering, callsTo, type Opened, sendingJson, type TableCase, type Twist } from './case.ts';
import { MODELS, sendWell } from './well.ts';

type Core = InstanceType<Sdk['MistralCore']>;
type Options = NonNullable<Parameters<Sdk['modelsList']>[2]>;
type Ask = (sdk: Sdk, core: Core) => ReturnType<Sdk['modelsList']>;

const load = createSdkLoader();

/** An application that asks for the SDK's own log gets the key into it; what is printed here is looked through. */
const SILENT = { group: () => undefined, groupEnd: () => undefined, log: () => undefined };

const FORGOTTEN_MS = 1_500;

/**
 * Node follows a signal through copies of a request by weak references, and the SDK copies each request: when one is collected in the middle
 * the SDK forgets every timeout and abort and never answers. Our own probes do not trust it (`startLimit`); here it is asked again.
 */
const remembered = async <T>(ask: () => Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const forgotten = new Promise<'forgotten'>((resolve) => {
    timer = setTimeout(() => resolve('forgotten'), FORGOTTEN_MS);
  });
  const result = await Promise.race([ask(), forgotten]).finally(() => clearTimeout(timer));
  return result === 'forgotten' ? remembered(ask) : result;
};

type Server = (twist: Twist) => Promise<Served>;

/** The SDK as an application sets it up, and not as our probes do: what it throws is read and classified the same. */
const bySdk = (server: Server, ask: Ask, apiKey: () => Promise<string> = () => Promise.resolve(KEY)) => {
  const askOnce = async (serverURL: string): Promise<CallResult> => {
    const told = { latencyMs: 1, evidence: {} };
    try {
      const sdk = await load();
      const result = await remembered(() => ask(sdk, new sdk.MistralCore({ apiKey, serverURL, debugLogger: SILENT })));
      if (!result.ok) return { ...told, ok: false, failure: readFailure(result.error, KEY) };
      const { failure } = judgeModels(result.value);
      return failure === undefined ? { ...told, ok: true } : { ...told, ok: false, failure };
    } catch (error) {
      return { ...told, ok: false, failure: readFailure(error, KEY) };
    }
  };
  return async (twist: Twist = AS_MEASURED): Promise<Opened> => {
    const { url, close } = await server(twist);
    const once = (): Promise<CallResult> => askOnce(url);
    const calls = { listModels: once, listWithoutKey: once, chatOnce: once, streamOnce: once, retrieveModel: once };
    return { calls, url, close, isForeign: true };
  };
};

const silent: Server = (twist) => serveTcp(twist.tcp(() => undefined, true));
const well: Server = (twist) => serve(twist.http(sendWell));
const gone: Server = async () => {
  const port = await findFreePort();
  return { url: `http://127.0.0.1:${port}`, port, close: () => Promise.resolve() };
};
const status =
  (code: number, headers: Readonly<Record<string, string>> = {}, times = Number.POSITIVE_INFINITY): Server =>
  (twist) => {
    let asked = 0;
    const handle = twist.http((_request, response) => {
      asked += 1;
      response.setHeader('content-type', 'application/json');
      if (asked > times) response.end(MODELS);
      else response.writeHead(code, headers).end('{"message":"x"}');
    });
    return serve(handle);
  };

const list =
  (options: () => Options): Ask =>
  (sdk, core) =>
    sdk.modelsList(core, undefined, options());

const RETRIES = { initialInterval: 50, maxInterval: 100, exponent: 1.5, maxElapsedTime: 400 };
/** Long enough that a machine at work does not end it. */
const PATIENT = { ...RETRIES, maxElapsedTime: 5_000 };
const retrying = (retryConnectionErrors: boolean, options: Options = {}, intervals = RETRIES): Ask =>
  list(() => ({ ...options, retries: { strategy: 'backoff', backoff: intervals, retryConnectionErrors } }));

const abortWith = (reason?: Error): Ask =>
  list(() => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    return { fetchOptions: { signal: controller.signal } };
  });

const withoutKey: TableCase['open'] = async (twist) => {
  const { calls, ...opened } = await sendingJson('{"detail":"Unauthorized"}', 401)(twist);
  const once = (): Promise<CallResult> => calls.listWithoutKey(2000);
  return { ...opened, isForeign: true, calls: { ...calls, listModels: once, chatOnce: once, retrieveModel: once } };
};

const withKey = (key: string, expected: TableCase['expected'], row: string): TableCase => ({
  row,
  expected,
  key,
  open: answering(sendWell),
});

/** What an application does itself: aborts, retries, keys and addresses that are none. */
export const CLIENT: readonly TableCase[] = [
  {
    row: 'user AbortSignal.timeout(300) via options.signal, before headers',
    expected: 'timeout.headers',
    open: bySdk(
      silent,
      list(() => ({ fetchOptions: { signal: AbortSignal.timeout(100) } })),
    ),
  },
  { row: 'user AbortController.abort() before headers', expected: 'client.aborted', open: bySdk(silent, abortWith()) },
  {
    row: 'user AbortController.abort(new Error("x"))',
    expected: 'client.unexpected',
    open: bySdk(silent, abortWith(new Error(`x, for ${KEY}`))),
  },
  { row: 'apiKey missing', expected: 'auth.invalid_key', open: withoutKey },
  withKey(`${KEY}\n`, 'ok', 'apiKey with trailing newline'),
  withKey('fake-zqxj\nkvbwpf-9', 'config.api_key_malformed', 'apiKey with embedded newline'),
  withKey('fake-zqxj–kvbwpf-9', 'config.api_key_malformed', 'apiKey with non-latin1 char'),
  {
    row: 'apiKey async fn throws',
    expected: 'client.unexpected',
    open: bySdk(
      well,
      list(() => ({})),
      () => Promise.reject(new Error(`vault down, for ${KEY}`)),
    ),
  },
  {
    row: 'serverURL invalid',
    expected: 'config.base_url',
    open: () => Promise.resolve({ calls: callsTo('not a url'), url: 'not a url', close: () => Promise.resolve() }),
  },
  {
    row: 'chat input invalid (no messages)',
    expected: 'request.sdk_input_invalid',
    open: bySdk(well, (sdk, core) => Reflect.apply(sdk.chatComplete, undefined, [core, { model: 'm' }])),
  },
  {
    row: 'retry: 429 Retry-After:1 then 200',
    expected: 'ok',
    open: bySdk(status(429, { 'retry-after': '1' }, 1), retrying(false, {}, { ...PATIENT, maxInterval: 2000 })),
  },
  {
    row: 'retry: 429 Retry-After:60 (maxInterval 2000 caps it)',
    expected: 'ok',
    open: bySdk(status(429, { 'retry-after': '60' }, 1), retrying(false, {}, PATIENT)),
  },
  { row: 'retry: 500 forever (maxElapsed 2500)', expected: 'provider.5xx', open: bySdk(status(500), retrying(false)) },
  {
    row: 'retry: 529 (not in default list)',
    expected: 'provider.overloaded',
    open: bySdk(status(529), retrying(false)),
  },
  { row: 'retry: 408', expected: 'timeout.server', open: bySdk(status(408), retrying(false)) },
  { row: 'retry: 520', expected: 'provider.edge_5xx', open: bySdk(status(520), retrying(false)) },
  { row: 'retry: 401', expected: 'auth.invalid_key', open: bySdk(status(401), retrying(false)) },
  {
    row: 'retry: conn refused retryConnectionErrors:true',
    expected: 'net.refused',
    open: bySdk(gone, retrying(true)),
  },
  {
    row: 'retry: conn refused retryConnectionErrors:false',
    expected: 'net.refused',
    open: bySdk(gone, retrying(false)),
  },
  {
    row: 'retry: timeout 300ms with retryConnectionErrors:true (shared signal!)',
    expected: 'timeout.headers',
    open: bySdk(silent, retrying(true, { timeoutMs: 100 })),
  },
  {
    row: 'retry: timeoutMs 700 across 429s (Retry-After 1)',
    expected: 'timeout.headers',
    open: bySdk(status(429, { 'retry-after': '1' }), retrying(false, { timeoutMs: 250 }, PATIENT)),
  },
  {
    row: 'retry: none configured (default) on 503',
    expected: 'provider.overloaded',
    open: bySdk(
      status(503),
      list(() => ({})),
    ),
  },
];
