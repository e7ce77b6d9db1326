import { createServer } from 'node:http';

/** One answer of the script; `hang`: none, ever. */
export type ScriptedAnswer = 'hang' | { readonly status: number; readonly body: unknown };

/** An error as AWS's JSON protocols write it. */
export const awsSays = (code: string, status = 400, message = 'said by AWS'): ScriptedAnswer => ({
  status,
  body: { __type: `com.amazonaws#${code}`, message },
});

export const awsGives = (body: unknown): ScriptedAnswer => ({ status: 200, body });

export type ScriptedAws = {
  readonly url: string;
  /** Operations in the order they were asked for, with what was sent. */
  readonly asked: readonly { readonly operation: string; readonly input: unknown }[];
  readonly close: () => Promise<void>;
};

/**
 * Speaks the JSON protocols of AWS and says what the test wrote down: per operation its answers in turn, the last of them for ever.
 * It is a script of our own and knows nothing of AWS; what AWS really does is asked of moto.
 */
export const openScriptedAws = async (
  script: Readonly<Record<string, readonly ScriptedAnswer[]>>,
): Promise<ScriptedAws> => {
  const asked: { readonly operation: string; readonly input: unknown }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const input: unknown = JSON.parse(Buffer.concat(chunks).toString() || '{}');
      const turn = asked.filter((one) => one.operation === operation).length;
      asked.push({ operation, input });
      const answers = script[operation] ?? [awsSays('UnknownOperationException', 404)];
      const answer = answers[Math.min(turn, answers.length - 1)] ?? 'hang';
      if (answer === 'hang') return;
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
