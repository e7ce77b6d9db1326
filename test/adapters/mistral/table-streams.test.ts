import { describeCases } from './table/case.ts';
import { STREAMS } from './table/streams.ts';

describeCases('streams', STREAMS);
