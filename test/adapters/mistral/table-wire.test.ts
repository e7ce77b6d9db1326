import { describeCases } from './table/case.ts';
import { WIRE } from './table/wire.ts';

describeCases('connections that break', WIRE);
