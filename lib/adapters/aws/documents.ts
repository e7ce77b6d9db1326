import { createHash } from 'node:crypto';
import type { Documents } from '../../ports/documents.ts';
import { segmentsOf } from '../safe-name.ts';
import { AwsError } from './failure.ts';
import type { SignedCall } from './signed-request.ts';

const CONTENT_TYPES: readonly (readonly [string, string])[] = [
  ['.json', 'application/json'],
  ['.md', 'text/markdown; charset=utf-8'],
  ['.tar.gz', 'application/gzip'],
];

/** A quarantined body is anybody's bytes: nothing that a browser would run. */
const contentTypeOf = (name: string): string =>
  CONTENT_TYPES.find(([ending]) => name.endsWith(ending))?.[1] ?? 'application/octet-stream';

const keyOf = (name: string): string => segmentsOf(name).join('/');

/**
 * Documents as objects in S3. S3 refuses a body whose checksum is another, so what was damaged on the way is not kept. Needs
 * `s3:ListBucket`: without it S3 answers 403 for an object that is not there.
 */
export const openDocuments = ({ callObject }: SignedCall, bucket: string): Documents => ({
  put: async (name, bytes) => {
    const key = keyOf(name);
    const headers = {
      'content-type': contentTypeOf(key),
      'x-amz-checksum-sha256': createHash('sha256').update(bytes).digest('base64'),
    };
    await callObject({ method: 'PUT', bucket, key, headers, bytes });
    return `s3://${bucket}/${key}`;
  },
  get: async (name) => {
    try {
      return (await callObject({ method: 'GET', bucket, key: keyOf(name) })).bytes;
    } catch (error) {
      if (error instanceof AwsError && error.code === 'NoSuchKey') return null;
      throw error;
    }
  },
});
