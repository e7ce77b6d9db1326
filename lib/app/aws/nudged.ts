/** Incidents that have something to tell, gathered while an invocation works. */
export type Nudged = {
  readonly add: (incidentIds: readonly string[]) => void;
  /** All since the last time, each once. */
  readonly take: () => readonly string[];
};

export const createNudged = (): Nudged => {
  const ids = new Set<string>();
  return {
    add: (incidentIds) => {
      for (const id of incidentIds) ids.add(id);
    },
    take: () => {
      const taken = [...ids];
      ids.clear();
      return taken;
    },
  };
};
