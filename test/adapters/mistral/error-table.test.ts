import { describe, expect, it } from 'vitest';
import { createPlainCalls } from '../../../lib/adapters/mistral/plain-calls.ts';
import { readEvidence } from '../../../lib/adapters/mistral/read-evidence.ts';
import { readFailure } from '../../../lib/adapters/mistral/read-failure.ts';
import { classify } from '../../../lib/triage/classify.ts';
import { errorRows, hasErrorTable, rebuild, wholeBody } from './error-table.ts';
import { KEY, partsOfKey, serve } from './serve.ts';

const rows = errorRows();
const withBranch = rows.filter((row) => row.branch !== undefined);
/** A 407 comes out of fetch without its status, so there is no server to ask: its row has none. Streams are not what the probes ask for. */
const answered = withBranch.filter((row) => row.statusCode !== undefined && !row.case.startsWith('stream'));

describe.skipIf(!hasErrorTable)('the measured table of failures', () => {
  it('has the 95 cases that name a branch', () => {
    expect(withBranch).toHaveLength(95);
  });

  it.each(withBranch)('$case is $branch', (row) => {
    const failure = readFailure(rebuild(row), KEY);
    const headers = new Headers(row.headers ?? {});
    const evidence = row.statusCode === undefined ? {} : readEvidence(row.statusCode, headers, KEY);
    expect(classify(failure, evidence)).toBe(row.branch);
  });

  it.each(answered)('$case is $branch for the plain calls, too', async (row) => {
    const server = await serve((_request, response) => {
      const type = row.contentType === undefined ? {} : { 'content-type': row.contentType };
      response.writeHead(row.statusCode ?? 200, { ...row.headers, ...type });
      response.end(row.statusCode === 204 ? undefined : wholeBody(row));
    });
    const calls = createPlainCalls({ serverUrl: server.url, clock: { nowMs: Date.now } });
    const isChat = row.case.startsWith('chat');
    const result = await (isChat ? calls.chatOnce(KEY, 'm', 5000) : calls.listModels(KEY, 5000));
    await server.close();
    expect(result.ok ? 'ok' : classify(result.failure, result.evidence)).toBe(row.branch);
    expect(partsOfKey(result)).toEqual([]);
  });
});
