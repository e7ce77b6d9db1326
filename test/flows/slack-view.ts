import type { World } from './world.ts';

export type Shown = {
  readonly ts: string;
  readonly text: string;
  readonly blocks?: readonly unknown[];
  readonly thread_ts?: string;
  readonly metadata?: { readonly event_type: string; readonly event_payload: Readonly<Record<string, string>> };
};
type State = {
  readonly channels: readonly { readonly messages: readonly Shown[] }[];
  readonly ephemerals: readonly { readonly text: string }[];
};

const readState = async (world: World, user: string): Promise<State> => {
  const response = await fetch(`${world.slackUrl}/console/state?user=${user}`);
  const state: State = JSON.parse(await response.text());
  return state;
};

const shownMessages = async (world: World): Promise<readonly Shown[]> =>
  (await readState(world, 'U0MAYA')).channels.flatMap(({ messages }) => messages);

/** Root messages of an incident, or of all. */
export const shownRoots = async (world: World, incidentId?: string): Promise<readonly Shown[]> =>
  (await shownMessages(world)).filter(
    ({ metadata }) =>
      metadata?.event_type === 'mistral_incident' &&
      (incidentId === undefined || metadata.event_payload['incident_id'] === incidentId),
  );

export const shownNotes = async (world: World): Promise<readonly Shown[]> =>
  (await shownMessages(world)).filter(({ metadata }) => metadata?.event_type === 'mistral_incident_note');

/** Answers to `/mistral-triage` alone. */
export const shownAnswers = async (world: World): Promise<readonly Shown[]> =>
  (await shownMessages(world)).filter(({ metadata }) => metadata?.event_type === 'mistral_triage');

/** What only this person sees. */
export const whispersTo = async (world: World, user: string): Promise<readonly string[]> =>
  (await readState(world, user)).ephemerals.map(({ text }) => text);
