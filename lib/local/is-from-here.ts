import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../environment.ts';

/**
 * Whether a request comes from this machine's own page or program. A foreign Host is a name that somebody bent to 127.0.0.1
 * (DNS rebinding); a foreign Origin or site is another page in the same browser, also one of another port of this machine.
 */
export const isFromHere = (request: IncomingMessage): boolean => {
  const { host, origin } = request.headers;
  if (host === undefined || !isLoopback(host.replace(/:\d{1,5}$/, ''))) return false;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) return false;
  const site = request.headers['sec-fetch-site'];
  const isVisit = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
  return site === undefined || site === 'same-origin' || site === 'none' || isVisit;
};
