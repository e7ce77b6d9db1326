const { isBuiltin } = require('node:module');

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
 * `import … from 'node:http'` reads every export of it, and one of them loads undici: 18 ms of a start. Of `node:crypto` one loads web
 * crypto, 2 ms, as esbuild's own copy of what `require` gives does too; `node:zlib` costs 2 ms more (Node 24, measured). So each name that
 * is used is read, and no other. `require` is that of the banner in serverless.yml.
 */
const requiredBuiltins = {
  name: 'required-builtins',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind, namespace }) => {
      if (!isBuiltin(path)) return undefined;
      return kind === 'import-statement' && namespace !== 'required-builtins'
        ? { path, namespace: 'required-builtins', sideEffects: false }
        : { path, external: true };
    });
    build.onLoad({ filter: /.*/, namespace: 'required-builtins' }, ({ path }) => {
      const names = Object.keys(require(path)).map(
        (name) => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})();`,
      );
      const builtin = `const builtin = /* @__PURE__ */ require(${JSON.stringify(path)});`;
      return { loader: 'js', contents: [builtin, 'export default builtin;', ...names].join('\n') };
    });
  },
};

module.exports = [requiredBuiltins, leanBolt, givenCredentials, noStreams];
