import { openStore } from '../../../lib/adapters/embedded/store.ts';
import { STATE_SCHEMA } from '../../../lib/adapters/embedded/tables.ts';
import { describeStore } from '../../contracts/store.ts';
import { openTwice } from './temp-folder.ts';

describeStore('the embedded store', async () => {
  const {
    files: [one, two],
    close,
  } = await openTwice(STATE_SCHEMA);
  return {
    port: openStore(one),
    other: openStore(two),
    plantNewer: async (kind, key) => {
      const plant = 'INSERT INTO records (kind, key, version, shape, body) VALUES (?, ?, 1, 99, ?)';
      await one.write('ordered', () => one.sql(plant).run(kind, key, '{"shapeOf":"tomorrow"}'));
    },
    close,
  };
});
