import { beforeAll, describe } from 'vitest';
import { openTableStore } from '../../adapters/aws/make-table.ts';
import { describeStore } from '../../contracts/store.ts';
import { type Moto, openMoto, skipsMoto } from './moto.ts';

describe.skipIf(skipsMoto)('on moto', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await openMoto();
    return moto.close;
  });

  describeStore('the store on moto', () => openTableStore(moto.url));
});
