import type { Ephemerals } from './ephemerals.ts';
import type { Faults } from './faults.ts';
import type { Live } from './live.ts';
import type { Pace } from './pace.ts';
import type { State } from './state.ts';
import type { Triggers } from './triggers.ts';
import type { Views } from './views.ts';

/** All parts of one running Slack, handed to every method. */
export type Session = {
  readonly state: State;
  readonly clock: { readonly nowMs: () => number };
  readonly live: Live;
  readonly ephemerals: Ephemerals;
  readonly triggers: Triggers;
  readonly views: Views;
  readonly pace: Pace;
  readonly faults: Faults;
  readonly botToken: string;
  readonly signingSecret: string;
  readonly eventsUrl: () => string;
  readonly acknowledgeMs: number;
};
