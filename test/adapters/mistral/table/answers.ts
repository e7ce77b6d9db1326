import type { Branch } from '../../../../lib/domain/branch.ts';
import { BRANCHES } from '../../../../lib/domain/branch.ts';
import { type ErrorRow, errorRows, wholeBody } from '../error-table.ts';
import { type Asked, answering, type TableCase } from './case.ts';

const branchOf = ({ branch }: ErrorRow): Branch => BRANCHES.find((one) => one === branch) ?? 'unknown';

const askedIn = (row: string): Asked => {
  if (row.includes('GET /v1/models/{id}')) return 'card';
  return row.startsWith('chat') ? 'chat' : row.startsWith('stream') ? 'stream' : 'models';
};

/** Rows that need the SDK to be set up in a way of their own. */
const OTHERS = /^(?:retry|apiKey)/;

/** Every row that is an answer with a status: the table says itself what was sent. */
export const ANSWERS: readonly TableCase[] = errorRows()
  .filter(({ branch, statusCode, case: row }) => branch !== undefined && statusCode !== undefined && !OTHERS.test(row))
  .map((row) => ({
    row: row.case,
    expected: branchOf(row),
    asked: askedIn(row.case),
    isAlone: /^(?:chat|stream)/.test(row.case),
    open: answering((_request, response) => {
      const type = row.contentType === undefined ? {} : { 'content-type': row.contentType };
      response.writeHead(row.statusCode ?? 200, { ...row.headers, ...type });
      response.end(row.statusCode === 204 ? undefined : wholeBody(row));
    }),
  }));
