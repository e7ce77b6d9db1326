import { afterAll, beforeAll } from 'vitest';
import { describeStore } from '../../contracts/store.ts';
import { type Dynalite, openDynalite } from './dynalite.ts';
import { openTableStore } from './make-table.ts';

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await openDynalite();
});
afterAll(() => dynalite.close());

describeStore('the store on dynalite', () => openTableStore(dynalite.url));
