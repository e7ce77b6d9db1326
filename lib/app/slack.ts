import { createSlackInbox } from '../adapters/slack/inbox.ts';
import type { ListenerParts } from '../adapters/slack/listeners.ts';

type Secrets = readonly string[] | null;

/** What the slack function needs of the world. */
export type SlackParts = Omit<ListenerParts, 'team'> & {
  /** Asked at each request: several are valid during a rotation. null: none is known, and nobody is believed. */
  readonly signingSecrets: () => Secrets | Promise<Secrets>;
  /** Asked when a signature fits none of those: they may have been changed a moment ago. null: they were not. */
  readonly newerSigningSecrets?: () => Promise<Secrets>;
  readonly team?: string | null;
  /** Loads Bolt at once and not with the first body: where a start has time that a request has not. */
  readonly isEager?: boolean;
};

export const createSlackReceive = ({ isEager = false, ...parts }: SlackParts) =>
  createSlackInbox({ ...parts, team: parts.team ?? null }, { isEager });
