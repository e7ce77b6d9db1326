import type { Clock } from '../../ports/world.ts';
import { type Fault, NO_FAULT } from './faults.ts';

export type NamedKey = { readonly name: string; readonly value: string };

/** Per model and minute; high enough for any probe, low enough to be reached by a script that tries. */
export const LIMITS = { requests: 600, tokens: 2_000_000 } as const;

type Window = { readonly minute: number; readonly requests: number; readonly tokens: number };

export type Budget = { readonly isOver: boolean; readonly requestsLeft: number; readonly tokensLeft: number };

/** What the embedded Mistral remembers while it runs. Nothing of it outlives the process. */
export const createState = (keys: readonly NamedKey[], models: readonly string[], clock: Clock) => {
  let fault: Fault = NO_FAULT;
  let lastKey: NamedKey | null = null;
  let lastModel: string | null = null;
  const revoked = new Set<string>();
  const windows = new Map<string, Window>();

  const windowOf = (model: string): Window => {
    const minute = Math.floor(clock.nowMs() / 60_000);
    const known = windows.get(model);
    return known?.minute === minute ? known : { minute, requests: 0, tokens: 0 };
  };

  return {
    nowMs: clock.nowMs,
    models,
    fault: (): Fault => fault,
    lastModel: (): string | null => lastModel,
    revokedNames: (): readonly string[] => [...revoked],

    /** Replaces the fault. Keys stay revoked as long as the fault is `revoked-key`, as they would. */
    setFault: (wanted: Fault, keyName: string | null): void => {
      if (wanted.name !== 'revoked-key') revoked.clear();
      const victim = keyName === null ? (lastKey ?? keys[0]) : keys.find((key) => key.name === keyName);
      if (wanted.name === 'revoked-key' && victim !== undefined) revoked.add(victim.name);
      fault = wanted;
    },
    hasKey: (name: string): boolean => keys.some((key) => key.name === name),

    /** The valid key behind an Authorization header; null for any other. */
    admit: (authorization: string): NamedKey | null => {
      const sent = /^bearer (.+)$/i.exec(authorization)?.[1]?.trim();
      return keys.find((known) => known.value === sent && !revoked.has(known.name)) ?? null;
    },

    /** Takes one request and its tokens out of the model's minute. */
    spend: (model: string, tokens: number): Budget => {
      const before = windowOf(model);
      const isOver = before.requests >= LIMITS.requests || before.tokens + tokens > LIMITS.tokens;
      const after = isOver ? before : { ...before, requests: before.requests + 1, tokens: before.tokens + tokens };
      windows.set(model, after);
      return {
        isOver,
        requestsLeft: LIMITS.requests - after.requests,
        tokensLeft: LIMITS.tokens - after.tokens,
      };
    },
    /** Only chats tell which key a service uses: a standby is asked whether it lists models, each minute. */
    noteChat: (key: NamedKey, model: string): void => {
      lastKey = key;
      lastModel = model;
    },
  };
};

export type State = ReturnType<typeof createState>;
