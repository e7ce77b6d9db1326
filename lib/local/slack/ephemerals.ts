import type { Live } from './live.ts';
import type { State } from './state.ts';
import { formatTs } from './timestamp.ts';

/** What one person alone sees. As in Slack it is not kept: a restart forgets it. */
export type Ephemeral = {
  readonly ts: string;
  readonly channel: string;
  readonly threadTs: string | null;
  readonly onlyFor: string;
  readonly from: string;
  readonly text: string;
  readonly blocks: readonly Readonly<Record<string, unknown>>[];
};

const KEPT_PER_PERSON = 100;

export type Ephemerals = {
  readonly show: (draft: Omit<Ephemeral, 'ts'>) => Ephemeral;
  readonly replace: (next: Ephemeral) => void;
  readonly remove: (user: string, ts: string) => void;
  readonly find: (user: string, channel: string, ts: string) => Ephemeral | null;
  readonly list: (user: string) => readonly Ephemeral[];
};

export const openEphemerals = (state: State, live: Live, clock: { readonly nowMs: () => number }): Ephemerals => {
  const shown = new Map<string, Ephemeral[]>();
  const of = (user: string): Ephemeral[] => {
    const mine = shown.get(user) ?? [];
    shown.set(user, mine);
    return mine;
  };
  const announce = (message: Ephemeral): void =>
    live.publish({ kind: 'ephemeral', data: message, onlyFor: message.onlyFor });
  return {
    show: (draft) => {
      const message = { ...draft, ts: formatTs(state.counters.micros(draft.channel, clock.nowMs())) };
      const mine = of(draft.onlyFor);
      mine.push(message);
      if (mine.length > KEPT_PER_PERSON) mine.shift();
      announce(message);
      return message;
    },
    replace: (next) => {
      const mine = of(next.onlyFor);
      const index = mine.findIndex((message) => message.ts === next.ts);
      if (index < 0) return;
      mine[index] = next;
      announce(next);
    },
    remove: (user, ts) => {
      const mine = of(user);
      const index = mine.findIndex((message) => message.ts === ts);
      if (index < 0) return;
      const [gone] = mine.splice(index, 1);
      live.publish({ kind: 'ephemeral-gone', data: { channel: gone?.channel, ts }, onlyFor: user });
    },
    find: (user, channel, ts) => of(user).find((message) => message.ts === ts && message.channel === channel) ?? null,
    list: (user) => of(user),
  };
};
