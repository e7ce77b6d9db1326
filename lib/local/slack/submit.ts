import { parseJson } from './arguments.ts';
import { isRefusal } from './content.ts';
import { dispatch } from './dispatch.ts';
import { type Entered, readForm } from './form-values.ts';
import { submissionForm } from './payloads.ts';
import type { Session } from './session.ts';
import { isRecord } from './validate-parts.ts';
import { readView } from './view-methods.ts';
import type { OpenView } from './views.ts';
import type { Person } from './workspace.ts';

export type Submitted =
  | { readonly ok: true; readonly status: number }
  | { readonly ok: false; readonly why: string; readonly errors?: Readonly<Record<string, string>> };

const wordsOf = (value: unknown): Readonly<Record<string, string>> =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, words]) => [key, String(words)])) : {};

/** What the bot wants done with the modal: nothing (it closes), errors, another view on top or in its place, or all closed. */
const obey = (session: Session, person: Person, view: OpenView, body: string): Submitted => {
  const closed = { ok: true, status: 200 } as const;
  const answer = body.trim() === '' ? {} : parseJson(body);
  if (!isRecord(answer)) return { ok: false, why: 'the app answered with something that is not JSON' };
  const action = answer['response_action'];
  if (action === undefined) {
    session.views.close(view);
    return closed;
  }
  if (action === 'clear') {
    session.views.clear(person.id);
    return closed;
  }
  if (action === 'errors') return { ok: false, why: 'errors', errors: wordsOf(answer['errors']) };
  if (action !== 'update' && action !== 'push') return { ok: false, why: `unknown response_action ${String(action)}` };
  const fields = readView(session, answer['view'], action === 'update' ? view : null);
  if (isRefusal(fields)) return { ok: false, why: fields.response_metadata?.messages.join('; ') ?? fields.error };
  if (action === 'update') session.views.update(view, fields);
  else session.views.open(person.id, fields, view);
  return closed;
};

/** A modal's submit button. Required and malformed inputs are refused here, before the bot hears of it. */
export const submitView = async (
  session: Session,
  person: Person,
  view: OpenView,
  entered: Entered,
): Promise<Submitted> => {
  const { values, errors } = readForm(view.fields['blocks'], entered);
  if (Object.keys(errors).length > 0) return { ok: false, why: 'errors', errors };
  const triggerId = session.triggers.issue(person.id, view.id);
  const delivered = await dispatch(session, submissionForm(person, view, values, triggerId));
  return delivered.ok ? obey(session, person, view, delivered.body) : delivered;
};
