import type { IncomingMessage } from 'node:http';
import { z } from 'zod/mini';
import { isFromHere } from '../is-from-here.ts';
import type { Answer } from './answers.ts';
import { FAULTS, isFaultName } from './faults.ts';
import type { State } from './state.ts';

const DEFAULT_SLOW_SECONDS = 20;

const wantedSchema = z.strictObject({
  fault: z.string(),
  seconds: z.optional(z.number().check(z.minimum(0), z.maximum(600))),
  model: z.optional(z.string().check(z.minLength(1))),
  key: z.optional(z.string()),
});

const refuse = (status: number, error: string): Answer => ({ status, body: { error } });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const show = (state: State): Answer => ({
  status: 200,
  body: { ...state.fault(), fault: state.fault().name, name: undefined, revoked: state.revokedNames(), faults: FAULTS },
});

const change = (state: State, text: string): Answer => {
  const wanted = wantedSchema.safeParse(parseJson(text));
  if (!wanted.success)
    return refuse(400, 'send {"fault": NAME}, for slow also "seconds" up to 600, for model-retired "model"');
  const {
    fault,
    seconds = DEFAULT_SLOW_SECONDS,
    model = state.lastModel() ?? state.models[0] ?? null,
    key = null,
  } = wanted.data;
  if (!isFaultName(fault)) return refuse(400, `no such fault; there are ${Object.keys(FAULTS).join(', ')}`);
  if (wanted.data.model !== undefined && !state.models.includes(wanted.data.model))
    return refuse(400, `no such model; there are ${state.models.join(', ')}`);
  if (key !== null && !state.hasKey(key)) return refuse(400, 'no key of that name');
  state.setFault(
    { name: fault, seconds: fault === 'slow' ? seconds : 0, model: fault === 'model-retired' ? model : null },
    key,
  );
  return show(state);
};

/** `GET /control/fault` shows the fault that is on, `POST` sets it. For this machine only. */
export const answerControl = (request: IncomingMessage, text: string, state: State): Answer => {
  // A page in a browser must not break things: neither by a name that resolves here, nor by a form or script of another site.
  if (!isFromHere(request)) return refuse(403, 'only this machine');
  if (request.method === 'GET') return show(state);
  if (request.method !== 'POST') return refuse(405, 'GET or POST');
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return refuse(415, 'JSON only');
  return change(state, text);
};
