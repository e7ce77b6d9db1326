/**
 * What the bundles leave out. A stub loads like the real module, and throws "not bundled" as soon as anything in it is called,
 * so a part that turns out to be needed is an error on the first test of the bundle and never a silent difference.
 */

/** Proxy of a function: every name of the module is the same function, which throws, called or constructed. */
const ABSENT = `
const absent = function () { throw new Error('not bundled'); };
module.exports = new Proxy(absent, {
  get: (target, name) => (name === '__esModule' ? true : name === 'prototype' ? target.prototype : absent),
});`;

const stub = (name, isAbsent) => ({
  name,
  setup(build) {
    build.onResolve({ filter: /.*/ }, (asked) =>
      isAbsent(asked) ? { path: asked.path, namespace: name, sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: name }, () => ({ loader: 'js', contents: ABSENT }));
  },
});

/** Other ways to receive than ours, and what they need: servers, sockets, installation of apps by OAuth. 1.5 of Bolt's 1.6 MB. */
const BOLT_PACKAGES = new Set(['express', '@slack/socket-mode', '@slack/oauth', 'path-to-regexp', 'raw-body']);
const BOLT_FILES =
  /\/(ExpressReceiver|HTTPReceiver|SocketModeReceiver|SocketModeFunctions|HTTPModuleFunctions|HTTPResponseAck|verify-request|custom-routes|BufferedIncomingMessage)$/;

const leanBolt = stub(
  'lean-bolt',
  ({ path, importer }) =>
    BOLT_PACKAGES.has(path) || (/@slack[\\/]bolt[\\/]dist[\\/]/.test(importer) && BOLT_FILES.test(path)),
);

/** Every way to find credentials but the one that Lambda has: its environment, which `credentials` of each client reads. */
const CREDENTIAL_PACKAGES =
  /^(@aws-sdk\/(credential-provider-[a-z-]+|token-providers)|@smithy\/credential-provider-imds)$/;

const givenCredentials = stub('given-credentials', ({ path }) => CREDENTIAL_PACKAGES.test(path));

/** Operations that answer as a stream of events, of which we call none; the SDK loads this where it meets one. */
const noStreams = stub('no-streams', ({ path }) => path === '@smithy/core/event-streams');

/**
 * `import … from 'node:http'` reads every export of it, and one of them loads undici: 18 ms of a start; of `node:crypto` one loads web
 * crypto: 2 ms (Node 24, measured). `require` reads none. It is the `require` of the banner in serverless.yml.
 */
const requiredBuiltins = {
  name: 'required-builtins',
  setup(build) {
    build.onResolve({ filter: /^(node:)?(https?|crypto)$/ }, ({ path, namespace }) =>
      namespace === 'required-builtins' ? { path, external: true } : { path, namespace: 'required-builtins' },
    );
    build.onLoad({ filter: /.*/, namespace: 'required-builtins' }, ({ path }) => ({
      loader: 'js',
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

module.exports = [requiredBuiltins, leanBolt, givenCredentials, noStreams];
