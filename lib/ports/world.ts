/** Time, chance and waiting, handed in so that decisions can be replayed. */
export type Clock = { readonly nowMs: () => number };

export type Ids = {
  /** `INC-261120-K3F9Q2MT`: date and eight characters of Crockford base 32. */
  readonly incident: (nowMs: number) => string;
  /** Sorts by time, unique. */
  readonly ordered: (nowMs: number) => string;
};

export type Wait = (ms: number) => Promise<void>;

/** One line per event, allow-listed fields only; see `log.ts`. */
export type Log = (event: string, fields?: Readonly<Record<string, string | number | boolean | null>>) => void;

/** Named places between two effects. Production does nothing there; crash tests stop there. */
export type Checkpoint = (step: 'saving' | 'sending' | 'sent' | 'intended' | 'effected') => Promise<void>;
