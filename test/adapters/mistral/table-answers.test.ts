import { describe } from 'vitest';
import { hasErrorTable } from './error-table.ts';
import { ANSWERS } from './table/answers.ts';
import { describeCases } from './table/case.ts';

describe.skipIf(!hasErrorTable)('the measured table', () => describeCases('answers with a status', ANSWERS));
