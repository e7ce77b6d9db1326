import { h, link, webAddress } from './dom.js';
import { withEmoji } from './emoji.js';

// Buttons, menus and inputs. `act(element, value)` is called when a person uses one; without it they are shown but dead.

const hooks = (element) => ({ 'data-action-id': element.action_id });
const words = (text) => withEmoji(text?.text ?? '');

const button = (element, context) => {
  const url = element.url === undefined ? null : webAddress(element.url);
  const label = [words(element.text), url === null ? null : h('span', { class: 'away', 'aria-hidden': 'true' }, ' ↗')];
  const onclick = () => {
    if (url !== null) window.open(url.href, '_blank', 'noopener,noreferrer');
    context.act?.(element, undefined);
  };
  return h(
    'button',
    {
      type: 'button',
      class: `button ${element.style ?? ''}`,
      ...hooks(element),
      'aria-label': element.accessibility_label,
      'aria-haspopup': element.confirm === undefined ? null : 'dialog',
      disabled: context.act === undefined,
      onclick,
    },
    label,
  );
};

const optionNode = (option, initial) =>
  h('option', { value: option.value, selected: option.value === initial?.value }, words(option.text));

const menu = (element, context, first) => {
  const groups = element.option_groups ?? [];
  const options = (element.options ?? []).map((option) => optionNode(option, element.initial_option));
  const grouped = groups.map((group) =>
    h(
      'optgroup',
      { label: words(group.label) },
      group.options.map((option) => optionNode(option, element.initial_option)),
    ),
  );
  return selectNode(element, context, first, [...options, ...grouped]);
};

const selectNode = (element, context, first, options) =>
  h(
    'select',
    {
      class: 'menu',
      ...hooks(element),
      'aria-label': first,
      disabled: context.act === undefined && context.isInput !== true,
      onchange: (event) => {
        context.act?.(element, event.target.value);
        if (element.type === 'overflow') event.target.selectedIndex = 0;
      },
    },
    h('option', { value: '', disabled: context.isInput !== true }, first),
    options,
  );

const choices = (element, context, type) => {
  const initial = element.initial_options ?? (element.initial_option === undefined ? [] : [element.initial_option]);
  const group = `g${Math.random().toString(36).slice(2)}`;
  return h(
    'div',
    { class: 'choices', ...hooks(element), role: type === 'radio' ? 'radiogroup' : 'group' },
    element.options.map((option) =>
      h(
        'label',
        { class: 'choice' },
        h('input', {
          type,
          name: group,
          value: option.value,
          checked: initial.some((one) => one.value === option.value),
          disabled: context.act === undefined && context.isInput !== true,
          onchange: () => context.act?.(element, option.value),
        }),
        h(
          'span',
          {},
          words(option.text),
          option.description === undefined ? null : h('small', {}, words(option.description)),
        ),
      ),
    ),
  );
};

const field = (element, context, type, initial) =>
  h(
    element.multiline === true ? 'textarea' : 'input',
    {
      class: 'field',
      ...hooks(element),
      type: element.multiline === true ? null : type,
      rows: element.multiline === true ? 4 : null,
      value: element.multiline === true ? null : (initial ?? null),
      placeholder: words(element.placeholder),
      maxlength: element.max_length,
      'aria-label': context.label,
      onchange: (event) => context.act?.(element, event.target.value),
    },
    element.multiline === true ? (initial ?? '') : null,
  );

const people = (element, context) =>
  selectNode(
    element,
    context,
    words(element.placeholder) || 'Choose a person',
    context.people.map((person) =>
      h('option', { value: person.id, selected: person.id === element.initial_user }, person.name),
    ),
  );

const ELEMENTS = {
  button,
  overflow: (element, context) => menu(element, context, '⋯ More'),
  static_select: (element, context) => menu(element, context, words(element.placeholder) || 'Choose'),
  users_select: people,
  radio_buttons: (element, context) => choices(element, context, 'radio'),
  checkboxes: (element, context) => choices(element, context, 'checkbox'),
  datepicker: (element, context) => field(element, context, 'date', element.initial_date),
  timepicker: (element, context) => field(element, context, 'time', element.initial_time),
  plain_text_input: (element, context) => field(element, context, 'text', element.initial_value),
  number_input: (element, context) => field(element, context, 'text', element.initial_value),
};

/** Pictures are never loaded: their words stand for them. */
export const picture = (element) =>
  h(
    'span',
    { class: 'picture', role: 'img', 'aria-label': element.alt_text },
    link(element.image_url, [element.alt_text]),
  );

export const renderElement = (element, context) => {
  if (element.type === 'image') return picture(element);
  return Object.hasOwn(ELEMENTS, element.type)
    ? ELEMENTS[element.type](element, context)
    : h('span', { class: 'muted' }, `[${element.type}]`);
};

/** What a person entered: text, or a list for checkboxes. */
export const readEntered = (node) => {
  if (!node.classList.contains('choices')) return node.value;
  const values = [...node.querySelectorAll('input:checked')].map((input) => input.value);
  return node.getAttribute('role') === 'group' ? values : (values[0] ?? '');
};
