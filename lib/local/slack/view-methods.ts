import { missing, type Refusal, refuse } from './answer.ts';
import { structureOf, textOf } from './arguments.ts';
import { isRefusal, nameBlocks } from './content.ts';
import type { Call, Method } from './method.ts';
import type { Session } from './session.ts';
import { isRecord } from './validate-parts.ts';
import { validateView } from './validate-view.ts';
import { type OpenView, toSlackView } from './views.ts';

const MAX_VIEW_BYTES = 250_000;
const MAX_STACK = 3;

type Fields = Readonly<Record<string, unknown>>;

/** A modal as an app sends it, checked, its blocks named; `replacing` is the view whose external id may stay. */
export const readView = (session: Session, view: unknown, replacing: OpenView | null): Fields | Refusal => {
  if (!isRecord(view)) return refuse('invalid_arguments', ['[ERROR] view must be an object [json-pointer:/view]']);
  const problems = validateView(view);
  if (problems.length > 0) return refuse('invalid_arguments', problems);
  if (Buffer.byteLength(JSON.stringify(view)) > MAX_VIEW_BYTES) return refuse('view_too_large');
  const externalId = view['external_id'];
  const taken = typeof externalId === 'string' ? session.views.findExternal(externalId) : null;
  if (taken !== null && taken.id !== replacing?.id) return refuse('duplicate_external_id');
  const blocks: unknown = view['blocks'];
  return { ...view, blocks: Array.isArray(blocks) ? nameBlocks(blocks) : [] };
};

const readArgument = (call: Call, replacing: OpenView | null): Fields | Refusal => {
  const given = structureOf(call.args, 'view');
  if (given === 'absent') return missing('view');
  return readView(call.session, given === 'invalid' ? null : given.value, replacing);
};

/** The view is checked before the trigger is spent, so that a refused view can be mended and sent again. */
const openWith =
  (isPush: boolean): Method =>
  (call) => {
    if (textOf(call.args, 'trigger_id') === '') return missing('trigger_id');
    const fields = readArgument(call, null);
    if (isRefusal(fields)) return fields;
    const trigger = call.session.triggers.exchange(textOf(call.args, 'trigger_id'));
    if (typeof trigger === 'string') return refuse(trigger);
    const below = isPush && trigger.viewId !== null ? call.session.views.find(trigger.viewId) : null;
    if (isPush && below === null) return refuse('not_found');
    if (isPush && call.session.views.depth(trigger.user) >= MAX_STACK) return refuse('push_limit_reached');
    const view = call.session.views.open(trigger.user, fields, below);
    return { ok: true, view: toSlackView(view) };
  };

const update: Method = (call) => {
  const { views } = call.session;
  const id = textOf(call.args, 'view_id');
  const externalId = textOf(call.args, 'external_id');
  if (id === '' && externalId === '') return missing('view_id');
  const view = id === '' ? views.findExternal(externalId) : views.find(id);
  if (view === null) return refuse('not_found');
  const hash = textOf(call.args, 'hash');
  if (hash !== '' && hash !== view.hash) return refuse('hash_conflict');
  const fields = readArgument(call, view);
  if (isRefusal(fields)) return fields;
  return { ok: true, view: toSlackView(views.update(view, fields)) };
};

export const VIEW_METHODS: Readonly<Record<string, Method>> = {
  'views.open': openWith(false),
  'views.push': openWith(true),
  'views.update': update,
};
