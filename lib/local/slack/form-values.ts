import { isRecord } from './validate-parts.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a person typed or chose, by block and action: text, or the values of the chosen options. */
export type Entered = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

const recordsIn = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);

const optionsOf = (element: Fields): readonly Fields[] => [
  ...recordsIn(element['options']),
  ...recordsIn(element['option_groups']).flatMap((group) => recordsIn(group['options'])),
];

const chosen = (element: Fields, values: readonly string[]): readonly Fields[] =>
  values.flatMap((value) => optionsOf(element).filter((option) => option['value'] === value));

const SIMPLE: Readonly<Record<string, readonly [string, string]>> = {
  users_select: ['selected_user', 'initial_user'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
  plain_text_input: ['value', 'initial_value'],
  number_input: ['value', 'initial_value'],
};

const readChoice = (element: Fields, values: readonly string[] | undefined): Fields | null => {
  const type = element['type'];
  if (values === undefined) return { type, selected_option: element['initial_option'] ?? null };
  if (values.join('') === '') return { type, selected_option: null };
  const [option] = chosen(element, values);
  return option === undefined ? null : { type, selected_option: option };
};

const readChoices = (element: Fields, values: readonly string[] | undefined): Fields | null => {
  if (values === undefined) return { type: 'checkboxes', selected_options: element['initial_options'] ?? [] };
  const options = chosen(element, values);
  return options.length === values.length ? { type: 'checkboxes', selected_options: options } : null;
};

/**
 * The value of one element as payloads carry it; null: not a choice that the element offers. Without an entry the element's own
 * initial value stands, as on the page.
 */
export const readElement = (element: Fields, entered: string | readonly string[] | undefined): Fields | null => {
  const type = String(element['type']);
  const values = typeof entered === 'string' ? [entered] : entered;
  if (type === 'checkboxes') return readChoices(element, values);
  if (['static_select', 'radio_buttons', 'overflow'].includes(type)) return readChoice(element, values);
  const names = Object.hasOwn(SIMPLE, type) ? SIMPLE[type] : undefined;
  if (names === undefined) return null;
  return { type, [names[0]]: (values?.[0] ?? element[names[1]] ?? '') || null };
};

const isBlank = (value: Fields): boolean =>
  Object.entries(value).every(
    ([key, part]) => key === 'type' || part === null || part === '' || (Array.isArray(part) && part.length === 0),
  );

const complaintAbout = (block: Fields, element: Fields, value: Fields | null): string | null => {
  if (value === null) return 'Choose one of the options.';
  if (isBlank(value)) return block['optional'] === true ? null : 'Please complete this required field.';
  const text = value['value'];
  if (typeof text !== 'string') return null;
  if (element['type'] === 'number_input') return /^-?\d+(\.\d+)?$/.test(text) ? null : 'Please enter a number.';
  const max = Number(element['max_length'] ?? 3_000);
  const min = Number(element['min_length'] ?? 0);
  if (text.length > max) return `Please shorten this to ${max} characters or less.`;
  return text.length < min ? `Please enter at least ${min} characters.` : null;
};

/** All inputs of a modal, checked as Slack's own client checks them before it sends anything. */
export const readForm = (
  blocks: unknown,
  entered: Entered,
): { readonly values: Fields; readonly errors: Readonly<Record<string, string>> } => {
  const values: Record<string, Fields> = {};
  const errors: Record<string, string> = {};
  for (const block of recordsIn(blocks)) {
    const element = block['element'];
    if (block['type'] !== 'input' || !isRecord(element)) continue;
    const [blockId, actionId] = [String(block['block_id']), String(element['action_id'])];
    const own = Object.hasOwn(entered, blockId) ? entered[blockId] : undefined;
    const value = readElement(element, own !== undefined && Object.hasOwn(own, actionId) ? own[actionId] : undefined);
    const complaint = complaintAbout(block, element, value);
    if (complaint !== null) errors[blockId] = complaint;
    if (value !== null) values[blockId] = { [actionId]: value };
  }
  return { values, errors };
};
