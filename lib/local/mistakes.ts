import { StateFileError } from '../adapters/embedded/file-problem.ts';
import { ConfigError } from '../config-error.ts';

/** A command that was typed with words or options that it does not know. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Somebody typed `--help`: the message says how the command is used. No mistake. */
export class HelpAsked extends Error {
  override readonly name = 'HelpAsked';
}

/** A member of a system error, as text; '' when it has none. */
const memberOf = (error: Error, name: string): string =>
  String(Object.getOwnPropertyDescriptor(error, name)?.value ?? '');

/** The thing that the system named: a path, else an address. */
type Named = { readonly path: string; readonly address: string; readonly port: string };

const LISTENING: Readonly<Record<string, (named: Named) => string>> = {
  EADDRINUSE: ({ port }) => `Port ${port} is taken; set PORT to another, or stop what listens there.`,
  EADDRNOTAVAIL: ({ address }) =>
    `HOST: ${address} is no address of this machine. Set HOST to one that it has, or leave it away for 127.0.0.1.`,
  EACCES: ({ address }) =>
    `PORT: this user may not listen on ${address}. Set PORT to a number from 1024 on (0 takes a free one).`,
  ENOTFOUND: ({ address }) =>
    `HOST: nobody knows the name ${address}. Set HOST to an address of this machine, or leave it away for 127.0.0.1.`,
  EAI_AGAIN: ({ address }) =>
    `HOST: the name ${address} cannot be looked up now. Set HOST to an address of this machine, or leave it away for 127.0.0.1.`,
};

const FILES: Readonly<Record<string, (named: Named) => string>> = {
  EACCES: ({ path }) => `${path}: this user may not read and write it. Give it permission, or set STATE_DIR.`,
  EPERM: ({ path }) => `${path}: this user may not change it. Give it permission, or set STATE_DIR.`,
  EEXIST: ({ path }) => `${path} is a file where a folder is needed. Move it away, or set STATE_DIR to a folder.`,
  ENOTDIR: ({ path }) => `${path}: a part of this path is a file, not a folder. Set STATE_DIR to a folder.`,
  EISDIR: ({ path }) => `${path} is a folder where a file is needed. Move it away, or set STATE_DIR to another folder.`,
  ENOENT: ({ path }) => `${path} cannot be made there. Set STATE_DIR to a folder that can be written to.`,
  EROFS: ({ path }) => `${path} is on a disk that cannot be written to. Set STATE_DIR to a folder elsewhere.`,
  ENOSPC: ({ path }) => `${path} cannot be written: the disk is full. Free some space, then try again.`,
  EDQUOT: ({ path }) =>
    `${path} cannot be written: this user's share of the disk is full. Free some space, then try again.`,
};

/**
 * One sentence for a mistake that a person made or can mend: it names the thing and what to do. null for everything else, which is a
 * fault of ours and keeps its stack.
 */
export const describeMistake = (error: unknown): string | null => {
  if (error instanceof ConfigError || error instanceof StateFileError || error instanceof UsageError)
    return error.message;
  if (!(error instanceof Error)) return null;
  const code = memberOf(error, 'code');
  const syscall = memberOf(error, 'syscall');
  if (syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo') {
    const host = memberOf(error, 'hostname') || memberOf(error, 'address');
    const port = memberOf(error, 'port');
    return LISTENING[code]?.({ path: '', address: port === '' ? host : `${host}:${port}`, port }) ?? null;
  }
  // Reading and writing name no path.
  return FILES[code]?.({ path: memberOf(error, 'path') || 'A file below STATE_DIR', address: '', port: '' }) ?? null;
};
