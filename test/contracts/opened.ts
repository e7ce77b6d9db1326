/** A port on data of its own. The suites know nothing of what is behind it. */
export type Opened<Port> = {
  readonly port: Port;
  /** A second one on the same data, as another process or machine has it. */
  readonly other: Port;
  readonly close: () => Promise<void>;
};

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** The value, or a failed test: narrows without an assertion that the type checker cannot see. */
export const present = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined) throw new Error('expected a value, got none');
  return value;
};
