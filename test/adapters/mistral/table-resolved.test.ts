import { describeCases } from './table/case.ts';
import { RESOLVED } from './table/resolved.ts';

describeCases('failures in the clothes of a success', RESOLVED);
