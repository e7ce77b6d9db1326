import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { sendText } from './exchange.ts';

const PAGE = new URL('page/', import.meta.url);

/** The whole page: a closed list, so that no path can lead elsewhere. */
const FILES = [
  'theme.css',
  'side.css',
  'page.css',
  'composer.css',
  'blocks.css',
  'controls.css',
  'narrow.css',
  'page.js',
  'blocks.js',
  'composer.js',
  'dialogs.js',
  'dom.js',
  'elements.js',
  'emoji.js',
  'modal.js',
  'mrkdwn.js',
  'rich-text.js',
  'server.js',
  'store.js',
  'stream.js',
] as const;

const typeOf = (name: string): string => (name.endsWith('.css') ? 'text/css' : 'text/javascript');

const fileFor = (path: string): readonly [string, string] | null => {
  if (path === '/') return ['index.html', 'text/html; charset=utf-8'];
  const name = FILES.find((one) => path === `/page/${one}`);
  return name === undefined ? null : [name, `${typeOf(name)}; charset=utf-8`];
};

/** Set on every answer. Nothing inline, nothing from elsewhere, in nobody's frame. */
export const SAFETY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

export const servePage = async (path: string, response: ServerResponse): Promise<void> => {
  const file = fileFor(path);
  if (file === null) return sendText(response, 404, 'not found');
  const [name, type] = file;
  const body = await readFile(new URL(name, PAGE));
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
  response.end(body);
};
