import { createComposer } from './composer.js';
import { askConfirm } from './dialogs.js';
import { h, link, plain } from './dom.js';
import { createModal } from './modal.js';
import { explain, listen, order } from './server.js';
import { createStore } from './store.js';
import { createStream } from './stream.js';

const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const REMEMBERED = 'act-as';
const EMPTY = 'Nothing has happened here yet. That is good news.';

const store = createStore();
const here = { user: '', channel: '', thread: null, stop: () => undefined, target: asked.get('message') };

const send = (name, body) => order(name, { user: here.user, ...body });
const modal = createModal(send);

const stream = createStream(at('stream'), (isBehind) => {
  at('newer').hidden = !isBehind;
});
const thread = createStream(at('thread-stream'));

/** Presses, guarded by the button's own question. The message shows when the app did not take it, as Slack does. */
const act = async (message, block, element, value) => {
  if (element.confirm !== undefined && !(await askConfirm(element.confirm, store.names))) return;
  const nodes = [stream.node(message.ts), thread.node(message.ts)].filter((node) => node !== null);
  const find = (node) =>
    node.querySelector(
      `[data-block-id="${CSS.escape(block.block_id)}"] [data-action-id="${CSS.escape(element.action_id)}"]`,
    );
  if (nodes.some((node) => find(node)?.getAttribute('aria-busy') === 'true')) return;
  for (const node of nodes) find(node)?.setAttribute('aria-busy', 'true');
  const answer = await send('click', {
    channel: message.channel,
    ts: message.ts,
    block_id: block.block_id,
    action_id: element.action_id,
    value: value ?? element.value,
  });
  for (const ts of [stream.node(message.ts), thread.node(message.ts), ...nodes]) {
    if (ts === null) continue;
    find(ts)?.removeAttribute('aria-busy');
    ts.querySelector('.warning').textContent = answer.ok ? '' : explain(answer);
  }
};

const dismiss = (message) => send('dismiss', { channel: message.channel, ts: message.ts });

const options = () => ({ names: store.names, people: store.users(), act, dismiss });
const rootOptions = () => ({ ...options(), openThread: (message) => openThread(message.ts) });

const openThread = (ts, takesFocus = true) => {
  here.thread = ts;
  at('thread').hidden = false;
  at('app').classList.add('with-thread');
  thread.fill(store.thread(here.channel, ts), options());
  if (takesFocus) at('thread-close').focus({ preventScroll: true });
};

const closeThread = () => {
  const ts = here.thread;
  here.thread = null;
  at('thread').hidden = true;
  at('app').classList.remove('with-thread');
  if (ts !== null) stream.node(ts)?.querySelector('.replies')?.focus({ preventScroll: true });
};

const drawChannels = () => {
  const items = store.channels().map((channel) =>
    h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          class: 'channel',
          'data-channel': channel.id,
          'aria-current': channel.id === here.channel ? 'page' : null,
          onclick: () => openChannel(channel.id),
        },
        h('span', { class: 'hash', 'aria-hidden': 'true' }, channel.isPrivate ? '◆' : '#'),
        channel.name,
        channel.isArchived ? h('span', { class: 'muted small' }, ' archived') : null,
      ),
    ),
  );
  at('channels').replaceChildren(...items);
};

const openChannel = (id) => {
  const channel = store.channels().find((one) => one.id === id) ?? store.channels()[0];
  if (channel === undefined) return;
  const keepPlace = channel.id === here.channel;
  if (!keepPlace) closeThread();
  here.channel = channel.id;
  at('channel-name').textContent = `#${channel.name}`;
  document.title = `#${channel.name} · ${plain(store.workspace().name)}`;
  at('bookmarks').replaceChildren(
    ...channel.bookmarks.map((bookmark) => h('li', {}, link(bookmark.link, [bookmark.title]))),
  );
  drawChannels();
  stream.fill(store.roots(channel.id), rootOptions(), { empty: EMPTY, keepPlace });
  if (here.thread !== null) thread.fill(store.thread(channel.id, here.thread), options(), { keepPlace });
  composer.placeholder(`Message, or ${store.workspace().commands[0]}`);
  showTarget();
};

/** A permalink leads to one message, in its thread when it is a reply. */
const showTarget = () => {
  const message = here.target === null ? null : store.find(here.channel, here.target);
  here.target = null;
  if (message === null) return;
  const root = store.threadOf(message);
  if (root !== null) openThread(root);
  const node = root === null ? stream.node(message.ts) : thread.node(message.ts);
  node?.classList.add('target');
  node?.scrollIntoView({ block: 'center' });
};

const drawUsers = () => {
  const people = store.users().filter((user) => !user.isBot);
  at('user-switch').replaceChildren(
    ...people.map((user) => {
      const attributes = { 'data-user': user.id, 'aria-pressed': String(user.id === here.user) };
      const onclick = () => actAs(user.id);
      const [first, ...last] = user.name.split(' ');
      return h(
        'li',
        {},
        h(
          'button',
          { type: 'button', class: 'person', ...attributes, onclick },
          first,
          h('span', { class: 'last' }, ` ${last.join(' ')}`),
        ),
      );
    }),
  );
};

const onMessage = (message) => {
  if (!store.put(message) || message.channel !== here.channel) return;
  const root = store.threadOf(message);
  // What one said, and what only oneself is told, answers what one just did: it must not hide further down.
  const isOwn = message.onlyFor !== undefined || message.user === here.user;
  if (root === null) stream.put(message, rootOptions(), { isOwn });
  if (here.thread !== null && (root === here.thread || message.ts === here.thread))
    thread.put(message, options(), { isOwn });
  // An answer that only this person sees must not hide in a closed thread.
  else if (root !== null && message.onlyFor !== undefined) openThread(root, false);
};

const onGone = (message) => {
  store.drop(message);
  if (message.channel !== here.channel) return;
  stream.drop(message.ts);
  thread.drop(message.ts);
};

const EVENTS = {
  message: onMessage,
  gone: onGone,
  ephemeral: onMessage,
  'ephemeral-gone': onGone,
  view: (view) => modal.show(view, { names: store.names, people: store.users() }),
};

const onState = (state) => {
  store.load(state);
  at('workspace').textContent = plain(state.workspace.name);
  drawUsers();
  openChannel(here.channel || asked.get('channel'));
  EVENTS.view(state.view);
  at('hint').textContent ||= state.workspace.commands[0];
};

const onConnection = (state) => {
  const place = at('connection');
  place.dataset.state = state;
  place.textContent = state === 'live' ? 'Live' : 'Reconnecting';
};

const actAs = (user) => {
  here.stop();
  here.user = user;
  localStorage.setItem(REMEMBERED, user);
  modal.show(null);
  here.stop = listen(user, { state: onState, event: (kind, data) => EVENTS[kind](data), connection: onConnection });
};

const say = async (text, more) => {
  const isCommand = text.startsWith('/') && more.thread_ts === undefined;
  const answer = await send(isCommand ? 'command' : 'message', {
    channel: here.channel,
    text,
    ...(isCommand ? {} : more),
  });
  at('composer-warning').textContent = answer.ok ? '' : explain(answer);
  return answer.ok;
};

const composer = createComposer(
  at('composer'),
  (text) => say(text, {}),
  (text) => {
    const command = store.workspace().commands[0] ?? '';
    const isStart = text === '' || (command.startsWith(text) && text !== command);
    at('hint').textContent = isStart ? command : `${command} help`;
  },
);
createComposer(at('thread-composer'), (text) => say(text, { thread_ts: here.thread }));

at('hint').addEventListener('click', () => composer.fill(`${at('hint').textContent} `));
at('newer').addEventListener('click', stream.toEnd);
at('thread-close').addEventListener('click', closeThread);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && document.querySelector('dialog[open]') === null && here.thread !== null) closeThread();
});

actAs(asked.get('user') ?? localStorage.getItem(REMEMBERED) ?? 'U0MAYA');
