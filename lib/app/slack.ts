import { createSlackInbox } from '../adapters/slack/inbox.ts';
import type { ListenerParts } from '../adapters/slack/listeners.ts';

/** What the slack function needs of the world. `signingSecrets` is asked at each request: several are valid during a rotation. */
export type SlackParts = Omit<ListenerParts, 'team'> & {
  readonly signingSecrets: () => readonly string[];
  readonly team?: string | null;
};

export const createSlackReceive = (parts: SlackParts) => createSlackInbox({ ...parts, team: parts.team ?? null });
