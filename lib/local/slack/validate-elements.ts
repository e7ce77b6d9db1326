import { LIMITS } from '../../../templates/limits.ts';
import {
  anyText,
  boolean,
  byType,
  type Check,
  complain,
  confirmDialog,
  integer,
  isRecord,
  list,
  oneOf,
  option,
  plainText,
  shape,
  string,
  typed,
} from './validate-parts.ts';

const actionId = string(LIMITS.actionId);
const menuOption = option(plainText(LIMITS.optionText));
const choiceOption = option(anyText(LIMITS.optionText));
const optionGroup = shape({ label: plainText(LIMITS.groupLabel), options: list(menuOption, LIMITS.selectOptions) });
const common = { action_id: actionId, confirm: confirmDialog, focus_on_load: boolean };
const placeholder = plainText(LIMITS.placeholder);

const button = shape(
  { type: typed, text: plainText(LIMITS.buttonText) },
  {
    action_id: actionId,
    value: string(LIMITS.buttonValue),
    url: string(LIMITS.buttonUrl),
    style: oneOf('primary', 'danger'),
    confirm: confirmDialog,
    accessibility_label: string(LIMITS.accessibilityLabel),
  },
);

const staticSelectShape = shape(
  { type: typed },
  {
    ...common,
    placeholder,
    options: list(menuOption, LIMITS.selectOptions),
    option_groups: list(optionGroup, LIMITS.optionGroups),
    initial_option: menuOption,
  },
);

const staticSelect: Check = (value, at, found) => {
  staticSelectShape(value, at, found);
  if (isRecord(value) && (value['options'] === undefined) === (value['option_groups'] === undefined)) {
    complain(found, at, 'exactly one of options and option_groups is required');
  }
};

const usersSelect = shape({ type: typed }, { ...common, placeholder, initial_user: string(255) });

const overflow = shape(
  { type: typed, options: list(menuOption, LIMITS.overflowOptions) },
  { action_id: actionId, confirm: confirmDialog },
);

const radioButtons = shape(
  { type: typed, options: list(choiceOption, LIMITS.choiceOptions) },
  { ...common, initial_option: choiceOption },
);

const checkboxes = shape(
  { type: typed, options: list(choiceOption, LIMITS.choiceOptions) },
  { ...common, initial_options: list(choiceOption, LIMITS.choiceOptions) },
);

const datepicker = shape({ type: typed }, { ...common, placeholder, initial_date: string(10) });
const timepicker = shape({ type: typed }, { ...common, placeholder, initial_time: string(5), timezone: string(255) });

const plainTextInput = shape(
  { type: typed },
  {
    action_id: actionId,
    placeholder,
    initial_value: string(LIMITS.inputText, 0),
    multiline: boolean,
    min_length: integer,
    max_length: integer,
    focus_on_load: boolean,
  },
);

const numberInput = shape(
  { type: typed, is_decimal_allowed: boolean },
  {
    action_id: actionId,
    placeholder,
    initial_value: string(255, 0),
    min_value: string(255),
    max_value: string(255),
    focus_on_load: boolean,
  },
);

const imageElement = shape({ type: typed, image_url: string(LIMITS.imageUrl), alt_text: string(LIMITS.imageAlt) }, {});

const choices = {
  static_select: staticSelect,
  users_select: usersSelect,
  radio_buttons: radioButtons,
  checkboxes,
  datepicker,
  timepicker,
} as const;

export const actionElement = byType({ button, overflow, ...choices });
export const accessory = byType({ button, overflow, image: imageElement, ...choices });
export const inputElement = byType({ plain_text_input: plainTextInput, number_input: numberInput, ...choices });
export const contextElement = byType({
  image: imageElement,
  plain_text: plainText(LIMITS.contextText),
  mrkdwn: anyText(LIMITS.contextText),
});
