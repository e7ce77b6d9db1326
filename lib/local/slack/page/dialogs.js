import { h } from './dom.js';
import { withEmoji } from './emoji.js';
import { renderMrkdwn } from './mrkdwn.js';

const textOf = (text, names) => (text.type === 'mrkdwn' ? renderMrkdwn(text.text, names) : [withEmoji(text.text)]);

/** Asks before a press; true when confirmed. Escape and the backdrop mean no. */
export const askConfirm = (confirm, names) =>
  new Promise((resolve) => {
    const finish = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = h(
      'dialog',
      {
        class: 'dialog',
        'aria-labelledby': 'confirm-title',
        'data-testid': 'confirm-dialog',
        oncancel: () => finish(false),
      },
      h('h2', { id: 'confirm-title' }, withEmoji(confirm.title.text)),
      h('div', { class: 'text' }, textOf(confirm.text, names)),
      h(
        'div',
        { class: 'dialog-buttons' },
        h(
          'button',
          { type: 'button', class: 'button', 'data-testid': 'confirm-deny', onclick: () => finish(false) },
          withEmoji(confirm.deny.text),
        ),
        h(
          'button',
          {
            type: 'button',
            class: `button ${confirm.style ?? 'primary'}`,
            'data-testid': 'confirm-accept',
            onclick: () => finish(true),
          },
          withEmoji(confirm.confirm.text),
        ),
      ),
    );
    dialog.addEventListener('click', (event) => event.target === dialog && finish(false));
    document.body.append(dialog);
    dialog.showModal();
  });
