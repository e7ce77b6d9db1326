import { describeCases } from './table/case.ts';
import { CLIENT } from './table/client.ts';

describeCases('the client as applications set it up', CLIENT);
