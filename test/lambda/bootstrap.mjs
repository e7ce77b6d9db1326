/**
 * A runtime client as small as it can be: loads `handler` of `_HANDLER` in LAMBDA_TASK_ROOT, and asks the Runtime API for one event after
 * the other. Reads the same environment as AWS's own client, which may stand in its place.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// As AWS does: imported, it would load undici for every function, 18 ms of a start.
const { Agent, request } = createRequire(import.meta.url)('node:http');

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const sent = request({ host, port, agent, method, path: `/2018-06-01/runtime/${path}` }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, text: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });

const describe = (error) =>
  JSON.stringify({ errorType: error?.name ?? 'Error', errorMessage: String(error?.message ?? error) });

const load = async () => {
  const [file, name] = process.env._HANDLER.split('.');
  return (await import(pathToFileURL(`${process.env.LAMBDA_TASK_ROOT}/${file}.mjs`).href))[name];
};

const handler = await load().catch(async (error) => {
  await call('POST', 'init/error', describe(error));
  process.exit(1);
});

for (;;) {
  const { headers, text } = await call('GET', 'invocation/next').catch(() => process.exit(1));
  const awsRequestId = headers['lambda-runtime-aws-request-id'];
  const endMs = Number(headers['lambda-runtime-deadline-ms']);
  const context = {
    awsRequestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    getRemainingTimeInMillis: () => endMs - Date.now(),
  };
  const [end, body] = await (async () => handler(JSON.parse(text), context))().then(
    (result) => ['response', JSON.stringify(result) ?? 'null'],
    (error) => ['error', describe(error)],
  );
  await call('POST', `invocation/${awsRequestId}/${end}`, body).catch(() => process.exit(1));
}
