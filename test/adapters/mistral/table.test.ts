import { describe, expect, it } from 'vitest';
import { errorRows, hasErrorTable } from './error-table.ts';
import { ANSWERS } from './table/answers.ts';
import { CLIENT } from './table/client.ts';
import { RESOLVED } from './table/resolved.ts';
import { STREAMS } from './table/streams.ts';
import { WAY } from './table/way.ts';
import { WIRE } from './table/wire.ts';

const produced = [...ANSWERS, ...CLIENT, ...RESOLVED, ...STREAMS, ...WAY, ...WIRE];

describe.skipIf(!hasErrorTable)('the measured table of failures', () => {
  const rows = errorRows();

  it('has 112 rows, 95 of which name a branch, and each is produced once', () => {
    expect(rows).toHaveLength(112);
    expect(rows.filter(({ branch }) => branch !== undefined)).toHaveLength(95);
    expect(produced.map(({ row }) => row).toSorted()).toEqual(rows.map((row) => row.case).toSorted());
  });

  it.each(rows.filter(({ branch }) => branch !== undefined))('$case is expected to be $branch', (row) => {
    expect(produced.find((one) => one.row === row.case)?.expected).toBe(row.branch);
  });
});
