import { LIMITS } from '../../../templates/limits.ts';
import { validateBlocks } from './validate-blocks.ts';
import { boolean, complain, type Found, isRecord, oneOf, plainText, shape, string } from './validate-parts.ts';

const modal = shape(
  { type: oneOf('modal'), title: plainText(LIMITS.modalTitle), blocks: () => undefined },
  {
    submit: plainText(LIMITS.modalButton),
    close: plainText(LIMITS.modalButton),
    private_metadata: string(LIMITS.modalMetadata, 0),
    callback_id: string(LIMITS.callbackId),
    external_id: string(LIMITS.callbackId),
    clear_on_close: boolean,
    notify_on_close: boolean,
    submit_disabled: boolean,
  },
);

/** Slack's complaints about a modal; none means accepted. */
export const validateView = (view: unknown): readonly string[] => {
  const found: Found = { problems: [] };
  modal(view, '/view', found);
  if (!isRecord(view)) return found.problems;
  const blocks: unknown = view['blocks'];
  found.problems.push(...validateBlocks(blocks, 'modal', '/view/blocks'));
  const hasInput = Array.isArray(blocks) && blocks.some((block) => isRecord(block) && block['type'] === 'input');
  if (hasInput && view['submit'] === undefined)
    complain(found, '/view/submit', 'missing required field: submit, because there is an input block');
  return found.problems;
};
