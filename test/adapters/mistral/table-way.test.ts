import { describeCases } from './table/case.ts';
import { paveTheWay, WAY } from './table/way.ts';

paveTheWay();
describeCases('names, addresses and certificates', WAY);
