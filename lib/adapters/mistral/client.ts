import { fetchAnswer } from './fetch-answer.ts';
import type { Sdk } from './load-sdk.ts';

/**
 * Given so that MISTRAL_DEBUG, with any value, cannot switch on the SDK's own logger, which prints the key. The SDK opens a group before it
 * reads a body for the log; refusing the group ends the log there, which the SDK expects.
 */
const NO_LOGGER = {
  group: (): void => {
    throw new Error('not logged');
  },
  groupEnd: (): void => undefined,
  log: (): void => undefined,
};

/** No hooks: they would send telemetry when the environment says so and print deprecation warnings with text of the answer. */
const createHooks = (sdk: Sdk): InstanceType<Sdk['SDKHooks']> =>
  Object.assign(new sdk.SDKHooks(), {
    sdkInitHooks: [],
    beforeCreateRequestHooks: [],
    beforeRequestHooks: [],
    afterSuccessHooks: [],
    afterErrorHooks: [],
  });

/** A client for one call: `keep` sees the answer before the SDK reads it, so that its headers are known whatever comes of it. */
export const createClient = ({
  sdk,
  serverUrl,
  key,
  signal,
  mostBytes,
  keep,
}: {
  readonly sdk: Sdk;
  readonly serverUrl: string;
  readonly key: string;
  readonly signal: AbortSignal;
  /** Of an answer; undefined: as `fetchAnswer` has it. */
  readonly mostBytes: number | undefined;
  readonly keep: (response: Response) => void;
}): InstanceType<Sdk['MistralCore']> => {
  const httpClient = new sdk.HTTPClient({
    fetcher: async (input, init) => {
      const response = await fetchAnswer(
        input instanceof Request ? input : new Request(input, init),
        signal,
        mostBytes,
      );
      keep(response);
      return response;
    },
  });
  const options = {
    // Always given, even when empty: without one the SDK would take the environment's.
    apiKey: () => Promise.resolve(key),
    serverURL: serverUrl,
    httpClient,
    hooks: createHooks(sdk),
    debugLogger: NO_LOGGER,
    retryConfig: { strategy: 'none' as const },
    userAgent: `mistral-client-typescript/${sdk.version}`,
  };
  return new sdk.MistralCore(options);
};
