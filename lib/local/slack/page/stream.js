import { renderMessage } from './blocks.js';
import { dayOf, h } from './dom.js';

const NEAR_END_PX = 80;

/** The focused control, so that it can be found again in the message's new form. */
const focusWithin = (node) => {
  const active = document.activeElement;
  return node.contains(active) ? { action: active.dataset?.actionId, test: active.dataset?.testid } : null;
};

const refocus = (node, focus) => {
  if (focus === null) return;
  const selector =
    focus.action !== undefined
      ? `[data-action-id="${CSS.escape(focus.action)}"]`
      : `[data-testid="${CSS.escape(focus.test ?? '')}"]`;
  node.querySelector(selector)?.focus({ preventScroll: true });
};

/** The last message when it does not fit into the view, else null. */
const tallLast = (container) => {
  const last = [...container.querySelectorAll('.message')].at(-1);
  return last !== undefined && last.offsetHeight > container.clientHeight ? last : null;
};

/** The end; with a last message that does not fit its start, because that says what it is about. */
const endTop = (container) => {
  const tall = tallLast(container);
  if (tall === null) return container.scrollHeight - container.clientHeight;
  return container.scrollTop + tall.getBoundingClientRect().top - container.getBoundingClientRect().top;
};

/** A scrolling list of messages. A changed message is replaced in its place; nothing else moves. */
export const createStream = (container, onBehind = () => undefined) => {
  const nodes = new Map();
  const isNearEnd = () => endTop(container) - container.scrollTop < NEAR_END_PX;
  const toEnd = () => {
    container.scrollTop = endTop(container);
    onBehind(false);
  };
  container.addEventListener('scroll', () => isNearEnd() && onBehind(false), { passive: true });
  const markDays = () => {
    for (const rule of container.querySelectorAll('.day')) rule.remove();
    let day = '';
    for (const node of container.querySelectorAll('.message')) {
      const own = dayOf(node.dataset.ts);
      if (own !== day) node.before(h('h2', { class: 'day' }, h('span', {}, own)));
      day = own;
    }
  };
  const insert = (node, ts) => {
    const next = [...container.querySelectorAll('.message')].find((other) => Number(other.dataset.ts) > Number(ts));
    if (next === undefined) container.append(node);
    else next.before(node);
    markDays();
  };
  return {
    toEnd,
    /** `keepPlace`: the same messages loaded anew, so a person who reads further up stays there. */
    fill: (messages, options, { empty, keepPlace } = {}) => {
      const place = keepPlace === true && !isNearEnd() ? container.scrollTop : null;
      nodes.clear();
      container.replaceChildren();
      for (const message of messages) {
        const node = renderMessage(message, options);
        nodes.set(message.ts, node);
        container.append(node);
      }
      markDays();
      if (messages.length === 0 && empty !== undefined) container.append(h('p', { class: 'empty' }, empty));
      if (place === null) toEnd();
      else container.scrollTop = place;
    },
    /** `isOwn`: when it is new, the view goes to it, wherever the person reads. */
    put: (message, options, { isOwn = false } = {}) => {
      const old = nodes.get(message.ts);
      // Whoever reads a message that does not fit stays where they are when it changes.
      const mayMove = isNearEnd() && (old === undefined || tallLast(container) === null);
      const node = renderMessage(message, options);
      nodes.set(message.ts, node);
      container.querySelector('.empty')?.remove();
      if (old === undefined) insert(node, message.ts);
      else {
        const focus = focusWithin(old);
        old.replaceWith(node);
        refocus(node, focus);
      }
      if (mayMove || (isOwn && old === undefined)) toEnd();
      else if (old === undefined) onBehind(true);
    },
    drop: (ts) => {
      nodes.get(ts)?.remove();
      nodes.delete(ts);
      markDays();
    },
    node: (ts) => nodes.get(ts) ?? null,
  };
};
