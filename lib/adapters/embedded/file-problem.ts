import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Why a state file cannot be used. Nothing is ever overwritten because of one of these. */
export type FileProblem =
  | 'empty'
  | 'foreign'
  | 'damaged'
  | 'newer'
  | 'no-permission'
  | 'not-a-file'
  | 'busy'
  | 'no-space'
  | 'unusable';

/** Names the file and says what to do. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';
  readonly problem: FileProblem;
  constructor(problem: FileProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

const KEEP = 'Nothing was changed.';
/** What to do about a file that cannot be trusted any more. */
export const RESTORE = `${KEEP} Restore it from a backup, or move it away to begin with an empty state.`;

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
/** Offsets in the header of an SQLite file: https://www.sqlite.org/fileformat.html#the_database_header */
const PAGE_SIZE_AT = 16;
const APPLICATION_ID_AT = 68;

const readHeader = (path: string): Buffer => {
  const descriptor = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, readSync(descriptor, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * Looks at the raw bytes before SQLite does: opening a foreign database would already create files beside it or replay its journal.
 * Returns false when there is no such file.
 */
export const inspectFile = (path: string, applicationId: number): boolean => {
  let header: Buffer;
  try {
    if (!statSync(path).isFile()) {
      throw new StateFileError(
        'not-a-file',
        `${path} is a folder or device, not a state file. Choose another STATE_DIR.`,
      );
    }
    accessSync(path, constants.R_OK | constants.W_OK);
    // SQLite writes its log beside the file.
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    header = readHeader(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw toStateFileError(path, error);
  }
  if (header.length === 0) {
    throw new StateFileError(
      'empty',
      `${path} is empty (0 bytes): mistral-triage never leaves such a file. ${KEEP} Restore it from a backup, or delete it to begin with an empty state.`,
    );
  }
  checkHeader(path, header, applicationId);
  return true;
};

const checkHeader = (path: string, header: Buffer, applicationId: number): void => {
  const text = header.toString('latin1');
  if (!text.startsWith(MAGIC.slice(0, header.length))) {
    throw new StateFileError(
      'foreign',
      `${path} is not a state file of mistral-triage but another program's file. ${KEEP} Choose another STATE_DIR, or move the file away.`,
    );
  }
  if (header.length < HEADER_BYTES) {
    throw new StateFileError('damaged', `${path} is cut off after ${header.length} bytes. ${RESTORE}`);
  }
  if (header.readUInt32BE(APPLICATION_ID_AT) !== applicationId) {
    throw new StateFileError(
      'foreign',
      `${path} is an SQLite database of another program. ${KEEP} Choose another STATE_DIR, or move the file away.`,
    );
  }
  const pageSize = header.readUInt16BE(PAGE_SIZE_AT);
  // 1 stands for 65536.
  if (statSync(path).size % (pageSize === 1 ? 65_536 : pageSize) !== 0) {
    throw new StateFileError('damaged', `${path} is only half written. ${RESTORE}`);
  }
};

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
const sqliteCode = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : -1;

/** Another connection has the lock, for the moment. */
export const isBusy = (error: unknown): boolean => sqliteCode(error) === 5 || sqliteCode(error) === 6;

const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);

/** What went wrong with the file itself, in our words; everything else comes back as it was. */
export const toStateFileError = (path: string, error: unknown): unknown => {
  if (error instanceof StateFileError) return error;
  const code = sqliteCode(error);
  if (code === 11 || code === 26) return new StateFileError('damaged', `${path} is damaged. ${RESTORE}`);
  if (code === 13 || codeOf(error) === 'ENOSPC') {
    return new StateFileError('no-space', `${path} cannot grow: the disk is full. Free some space; nothing was lost.`);
  }
  if (code === 3 || code === 8 || code === 14 || code === 23 || DENIED.has(codeOf(error))) {
    return new StateFileError(
      'no-permission',
      `${path} cannot be read and written: give this user permission for the file and its folder, or choose another STATE_DIR.`,
    );
  }
  if (isBusy(error)) {
    return new StateFileError('busy', `${path} is locked by another process. Stop that process, or try again.`);
  }
  if (code === 10)
    return new StateFileError('unusable', `${path} cannot be read or written: the disk reports an error.`);
  return error;
};
