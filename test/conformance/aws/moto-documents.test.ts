import { afterAll, beforeAll, describe } from 'vitest';
import { openBucket } from '../../adapters/aws/make-bucket.ts';
import { describeDocuments } from '../../contracts/documents.ts';
import { type Moto, openMoto, skipsMoto } from './moto.ts';

describe.skipIf(skipsMoto)('on moto', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await openMoto();
  });
  afterAll(() => moto.close());

  describeDocuments('S3 on moto', () => openBucket(moto.url));
});
