import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatMessage } from '../domain/message.ts';
import { sampleDocuments } from './preview-documents.ts';
import { sampleMessages } from './preview-messages.ts';
import { LEAD, ON_CALL } from './preview-samples.ts';

const PAGE = join(import.meta.dirname, 'slack', 'page');

/** When the sample messages are shown to have been posted. */
const POSTED_AT = '1795144327.000100';

const readPage = (name: string): string => readFileSync(join(PAGE, name), 'utf8');

/** The style sheets that the embedded page names, in its order. */
const readStyles = (): string =>
  [...readPage('index.html').matchAll(/href="\/page\/([\w-]+\.css)"/g)]
    .map((found) => readPage(found[1] ?? ''))
    .join('\n');

const IMPORT = /from '\.\/([\w-]+\.js)'/g;

/** The renderer of the embedded Slack page and all it imports, as modules that need no server. */
const linkModules = (entry: string): Readonly<Record<string, string>> => {
  const modules = new Map<string, string>();
  const waiting = [entry];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (modules.has(name)) continue;
    const source = readPage(name);
    waiting.push(...[...source.matchAll(IMPORT)].map((found) => found[1] ?? ''));
    const linked = source.replace(IMPORT, "from 'page/$1'");
    modules.set(name, `data:text/javascript;base64,${Buffer.from(linked).toString('base64')}`);
  }
  return Object.fromEntries([...modules].map(([name, address]) => [`page/${name}`, address]));
};

/** What a person would be asked after pressing: the page's own dialog is not part of a message. */
const confirmsOf = (message: ChatMessage): readonly string[] =>
  message.blocks.flatMap((block) => {
    const { elements } = block;
    return Array.isArray(elements) ? elements.flatMap((element: unknown) => confirmOf(element)) : [];
  });

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string' ? value.text : '';

const confirmOf = (element: unknown): readonly string[] => {
  if (typeof element !== 'object' || element === null || !('confirm' in element) || !('text' in element)) return [];
  const { confirm } = element;
  if (typeof confirm !== 'object' || confirm === null) return [];
  const part = (name: 'title' | 'text' | 'confirm' | 'deny'): string =>
    name in confirm ? textOf(Object.entries(confirm).find(([key]) => key === name)?.[1]) : '';
  return [`${textOf(element.text)} asks: ${part('title')} ${part('text')} [${part('confirm')}] [${part('deny')}]`];
};

/** JSON inside a script element: nothing in it can end the element. */
const embed = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const STYLE = `
html, body { height: auto; overflow: auto; }
body { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 6rem; display: block; }
.sample { margin: 2.5rem 0 0; }
.sample h2 { font: 600 0.8rem/1.4 ui-monospace, monospace; margin: 0 0 0.5rem; opacity: 0.7; }
.sample .card { border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: 10px; padding: 0.5rem 0; overflow: hidden; }
.sample .aside { font-size: 0.8rem; line-height: 1.45; opacity: 0.75; margin: 0.5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.sample pre { overflow: auto; padding: 1rem; font: 0.75rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.index { columns: 16rem; column-gap: 1.5rem; margin: 1rem 0 0; padding: 0; list-style: none; font: 0.8rem/1.4 ui-monospace, monospace; }
.index a { display: block; padding: 0.2rem 0; }
@media (max-width: 720px) {
  body { padding: 1rem 0.5rem 4rem; }
  .index a { padding: 0.55rem 0; }
}
`;

/** Draws with text nodes only, as the embedded Slack page does. */
const SCRIPT = `
import { renderMessage } from 'page/blocks.js';
import { h } from 'page/dom.js';
import { renderMrkdwn } from 'page/mrkdwn.js';
const data = JSON.parse(document.getElementById('data').textContent);
const people = Object.entries(data.people).map(([id, name]) => ({ id, name, isBot: id === 'UBOT' }));
const names = { user: (id) => data.people[id] ?? null, channel: () => null, group: () => null };
const index = h('ul', { class: 'index' }, [...data.messages.map(({ name }) => name), ...Object.keys(data.documents)].map((name) =>
  h('li', {}, h('a', { href: '#' + name }, name))));
document.body.append(h('nav', { 'aria-label': 'Index' }, index));
// A notification has no marks: what stands for bold is gone, and people are named.
const lockScreen = (text) => h('p', {}, renderMrkdwn(text, names)).textContent;
for (const { name, message, confirms } of data.messages) {
  const posted = { ...message, ts: data.postedAt, user: 'UBOT', bot_id: 'B0', ...(name.startsWith('whisper') ? { onlyFor: 'U0MAYA' } : {}) };
  const card = h('div', { class: 'card' }, renderMessage(posted, { names, people, act: () => undefined }));
  document.body.append(h('section', { class: 'sample', id: name }, h('h2', {}, name), card,
    h('p', { class: 'aside' }, 'Lock screen: ' + lockScreen(message.text)), confirms.map((text) => h('p', { class: 'aside' }, text))));
}
for (const [name, text] of Object.entries(data.documents))
  document.body.append(h('section', { class: 'sample', id: name }, h('h2', {}, name), h('div', { class: 'card' }, h('pre', {}, text))));
`;

/** Every Slack message and document from sample data as one page that loads nothing. */
export const buildPreview = (): string => {
  const messages = Object.entries(sampleMessages()).map(([name, message]) => ({
    name,
    message,
    confirms: confirmsOf(message),
  }));
  const people = { [ON_CALL]: 'Maya', [LEAD]: 'Sam', UBOT: 'mistral-triage' };
  const data = { messages, people, documents: sampleDocuments(), postedAt: POSTED_AT };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' data:">
<title>mistral-triage: every message and document</title>
<style>${readStyles()}${STYLE}</style>
<script type="importmap">${embed({ imports: linkModules('blocks.js') })}</script>
</head>
<body>
<h1>Every message and document</h1>
<script type="application/json" id="data">${embed(data)}</script>
<script type="module">${SCRIPT}</script>
</body>
</html>
`;
};
