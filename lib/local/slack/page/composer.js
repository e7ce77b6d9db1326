const MAX_HEIGHT_PX = 200;

/** A box that grows with its text; Enter sends, Shift+Enter breaks the line. `send` returns false to keep the text. */
export const createComposer = (form, send, onInput = () => undefined) => {
  const box = form.querySelector('textarea');
  const button = form.querySelector('button[type="submit"]');
  const history = [];
  const adjust = () => {
    box.rows = Math.min(8, box.value.split('\n').length);
    box.style.height = 'auto';
    box.style.height = `${Math.min(MAX_HEIGHT_PX, box.scrollHeight)}px`;
    button.disabled = box.value.trim() === '';
    onInput(box.value);
  };
  const submit = async () => {
    const text = box.value.trim();
    if (text === '') return;
    box.value = '';
    adjust();
    history.push(text);
    if (!(await send(text)) && box.value === '') {
      box.value = text;
      adjust();
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  box.addEventListener('input', adjust);
  box.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && box.value === '' && history.length > 0) {
      event.preventDefault();
      box.value = history.at(-1);
      adjust();
    }
  });
  return {
    fill: (text) => {
      box.value = text;
      adjust();
      box.focus();
    },
    placeholder: (text) => {
      box.placeholder = text;
    },
  };
};
