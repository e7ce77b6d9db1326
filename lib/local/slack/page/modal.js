import { renderBlocks } from './blocks.js';
import { askConfirm } from './dialogs.js';
import { h } from './dom.js';
import { readEntered } from './elements.js';
import { withEmoji } from './emoji.js';
import { explain } from './server.js';

/** The inputs of a modal as they stand, by block and action. */
const collect = (form) =>
  Object.fromEntries(
    [...form.querySelectorAll('[data-input]')].map((block) => {
      const field = block.querySelector('[data-action-id]');
      return [block.dataset.input, { [field.dataset.actionId]: readEntered(field) }];
    }),
  );

/** What was typed stays when the bot updates the modal and the input is still there. */
const restore = (form, entered) => {
  for (const block of form.querySelectorAll('[data-input]')) {
    const field = block.querySelector('[data-action-id]');
    const value = entered[block.dataset.input]?.[field.dataset.actionId];
    if (value === undefined) continue;
    if (!field.classList.contains('choices')) field.value = value;
    else for (const input of field.querySelectorAll('input')) input.checked = [value].flat().includes(input.value);
  }
};

const showErrors = (form, answer) => {
  const errors = answer.errors ?? {};
  for (const block of form.querySelectorAll('[data-input]')) {
    const words = Object.hasOwn(errors, block.dataset.input) ? errors[block.dataset.input] : '';
    block.querySelector('.input-error').textContent = words;
  }
  form.querySelector('.warning').textContent = answer.ok || answer.errors !== undefined ? '' : explain(answer);
  form.querySelector('.input-error:not(:empty)')?.parentElement.querySelector('input, select, textarea')?.focus();
};

const buttons = (view, close) =>
  h(
    'div',
    { class: 'dialog-buttons' },
    h(
      'button',
      { type: 'button', class: 'button', 'data-testid': 'modal-close', onclick: close },
      view.close?.text ?? 'Close',
    ),
    view.submit
      ? h(
          'button',
          {
            type: 'submit',
            class: 'button primary',
            'data-testid': 'modal-submit',
            disabled: view.submit_disabled === true,
          },
          view.submit.text,
        )
      : null,
  );

const build = (view, options, { close, submit, act }) =>
  h(
    'form',
    { novalidate: true, onsubmit: submit },
    h('h2', { id: 'modal-title' }, withEmoji(view.title.text)),
    h('div', { class: 'modal-blocks' }, renderBlocks(view.blocks, { ...options, act })),
    h('p', { class: 'warning', role: 'alert' }),
    buttons(view, close),
  );

const wrap = (form, close) => {
  const oncancel = (event) => {
    event.preventDefault();
    close();
  };
  return h(
    'dialog',
    { class: 'dialog modal', 'aria-labelledby': 'modal-title', 'data-testid': 'modal', oncancel },
    form,
  );
};

/** What a person does in one view. */
const createActions = (view, names, send, remove) => ({
  close: () => {
    remove();
    send('view-close', { view_id: view.id });
  },
  submit: async (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.getAttribute('aria-busy') === 'true') return;
    form.setAttribute('aria-busy', 'true');
    const answer = await send('submit', { view_id: view.id, values: collect(form) });
    form.removeAttribute('aria-busy');
    if (form.isConnected) showErrors(form, answer);
  },
  act: async (block, element, value) => {
    if (element.confirm !== undefined && !(await askConfirm(element.confirm, names))) return;
    const form = document.querySelector('.modal form');
    const where = { view_id: view.id, block_id: block.block_id, action_id: element.action_id };
    const answer = await send('view-click', { ...where, value, values: collect(form) });
    if (form.isConnected) showErrors(form, answer);
  },
});

/** Keeps one dialog in step with the view that the bot shows to this person. `send(name, body)` reaches the server. */
export const createModal = (send) => {
  let dialog = null;
  let shown = null;
  const remove = () => {
    dialog?.close();
    dialog?.remove();
    dialog = null;
    shown = null;
  };
  return {
    show: (view, options) => {
      if (view === null) return remove();
      if (shown?.id === view.id && shown.hash === view.hash) return;
      const before = shown?.id === view.id ? dialog?.querySelector('form') : null;
      const entered = before ? collect(before) : {};
      remove();
      const actions = createActions(view, options.names, send, remove);
      dialog = wrap(build(view, options, actions), actions.close);
      shown = view;
      document.body.append(dialog);
      restore(dialog.querySelector('form'), entered);
      dialog.showModal();
    },
  };
};
