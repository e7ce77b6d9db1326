/** What we use of the SDK: its core and four functions. */
const importSdk = async () => {
  const [
    { MistralCore },
    { modelsList },
    { modelsRetrieve },
    { chatComplete },
    { chatStream },
    { HTTPClient },
    { SDKHooks },
    { SDK_METADATA },
  ] = await Promise.all([
    import('@mistralai/mistralai/core.js'),
    import('@mistralai/mistralai/funcs/modelsList.js'),
    import('@mistralai/mistralai/funcs/modelsRetrieve.js'),
    import('@mistralai/mistralai/funcs/chatComplete.js'),
    import('@mistralai/mistralai/funcs/chatStream.js'),
    import('@mistralai/mistralai/lib/http.js'),
    import('@mistralai/mistralai/hooks/hooks.js'),
    import('@mistralai/mistralai/lib/config.js'),
  ]);
  const version = SDK_METADATA.sdkVersion;
  return { MistralCore, modelsList, modelsRetrieve, chatComplete, chatStream, HTTPClient, SDKHooks, version };
};

export type Sdk = Awaited<ReturnType<typeof importSdk>>;

/** Imports the SDK at the first call and once: it takes about a second where it is not bundled. A failed import is tried again. */
export const createSdkLoader = (): (() => Promise<Sdk>) => {
  let loading: Promise<Sdk> | undefined;
  return () => {
    loading ??= importSdk().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
};
