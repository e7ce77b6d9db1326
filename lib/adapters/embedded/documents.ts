import { resolve } from 'node:path';
import type { Documents } from '../../ports/documents.ts';
import { placeBelow, readIfPresent, replaceFile } from './replace-file.ts';

/** Documents as files below `root`. */
export const openDocuments = (root: string): Documents => ({
  put: async (name, bytes) => {
    const path = placeBelow(resolve(root), name);
    await replaceFile(path, bytes);
    return path;
  },
  get: async (name) => readIfPresent(placeBelow(resolve(root), name)),
});
