/** How the Web API misbehaves on purpose. `drop-after`: the call is carried out, then the connection dies before the answer. */
export const FAULT_MODES = ['ok', '429', '500', 'hang', 'slow', 'drop-after'] as const;
export type FaultMode = (typeof FAULT_MODES)[number];

export type FaultOrder = {
  readonly mode: FaultMode;
  /** How many calls it strikes; without it, until the next order. */
  readonly count?: number | undefined;
  /** Which methods it strikes; without it, all. */
  readonly methods?: readonly string[] | undefined;
};

export type Faults = {
  readonly order: (order: FaultOrder) => void;
  /** The fault for this call; counts it. */
  readonly strike: (method: string) => FaultMode;
  readonly report: () => { readonly mode: FaultMode; readonly left: number | null; readonly struck: number };
};

export const openFaults = (): Faults => {
  let current: FaultOrder = { mode: 'ok' };
  let left = Number.POSITIVE_INFINITY;
  let struck = 0;
  const isHit = (method: string): boolean => left > 0 && (current.methods?.includes(method) ?? true);
  return {
    order: (order) => {
      current = order;
      left = order.count ?? Number.POSITIVE_INFINITY;
      struck = 0;
    },
    strike: (method) => {
      if (current.mode === 'ok' || !isHit(method)) return 'ok';
      left -= 1;
      struck += 1;
      return current.mode;
    },
    report: () => ({ mode: left > 0 ? current.mode : 'ok', left: Number.isFinite(left) ? left : null, struck }),
  };
};
