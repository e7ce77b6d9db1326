import { openDocuments } from '../../../lib/adapters/aws/documents.ts';
import type { Documents } from '../../../lib/ports/documents.ts';
import type { Opened } from '../../contracts/opened.ts';
import { callPeer } from './call-peer.ts';

let count = 0;

/** Documents in a bucket of their own. */
export const openBucket = async (url: string): Promise<Opened<Documents> & { readonly bucket: string }> => {
  count += 1;
  const bucket = `bucket${count}`;
  const { ok, status } = await fetch(`${url}/${bucket}`, { method: 'PUT' });
  if (!ok) throw new Error(`the bucket was answered ${status}`);
  return {
    bucket,
    port: openDocuments(callPeer(url), bucket),
    other: openDocuments(callPeer(url), bucket),
    close: async () => undefined,
  };
};
