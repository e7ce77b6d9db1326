import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where Debian's Alertmanager reads its templates, whatever the place it is started from. */
const SHARED = '/usr/share/prometheus';

/**
 * How to start Debian's Alertmanager that was unpacked (`dpkg -x`) and not installed: with the unpacked templates in the place where it
 * looks for them, seen by this process alone. `exec` keeps the process id, so that it is stopped as any other. Every other program as it is.
 */
export const startable = (binary: string, args: readonly string[]): { command: string; args: readonly string[] } => {
  const unpacked = resolve(binary, `../../..${SHARED}`);
  if (existsSync(`${SHARED}/alertmanager`) || !existsSync(`${unpacked}/alertmanager`)) return { command: binary, args };
  const script = `mount -t tmpfs none /usr/share && mkdir ${SHARED} && mount --bind "$0" ${SHARED} && exec "$@"`;
  return { command: 'unshare', args: ['--map-root-user', '--mount', 'sh', '-c', script, unpacked, binary, ...args] };
};
