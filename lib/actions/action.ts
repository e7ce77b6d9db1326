import type { Lease, MitigationKind } from '../domain/lease.ts';
import type { ControlProjection } from '../ports/controls.ts';
import type { KeyCalls, ServiceTarget } from '../ports/probes.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import type { Clock } from '../ports/world.ts';

/** What a mitigation may touch. */
export type ActionWorld = {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly projection: ControlProjection;
  readonly mistral: KeyCalls;
  readonly clock: Clock;
  readonly target: ServiceTarget;
  readonly timeoutMs: number;
  readonly fallbackMinutes: number;
  /** `local`: in the local state, from the environment; `embedded`: made up for the embedded Mistral; `aws`: in Secrets Manager. */
  readonly keysLiveIn: 'local' | 'embedded' | 'aws';
};

/** `text` is one or a few sentences for people; it never holds a secret. `unknown`: it could not be told whether it worked. */
export type ActionStep = { readonly result: 'done' | 'failed' | 'unknown'; readonly text: string };

export type Plan = Readonly<Record<string, string>>;

/** A plan with `minutes` ends that long after it was applied; the lease then says when. */
export type ActionPreview = { readonly plan: Plan; readonly text: string } | { readonly refused: string };

/**
 * One mitigation. `preview` changes nothing; its plan is stored in the lease before `apply`. `apply` and `undo` go by that plan alone, may be run
 * again after a crash between any two of their effects, recognise what was done and finish it. They throw only what a port throws: run again,
 * unless it is final.
 */
export type Action = {
  readonly kind: MitigationKind;
  readonly preview: (lease: Lease, world: ActionWorld) => Promise<ActionPreview>;
  readonly apply: (lease: Lease, world: ActionWorld) => Promise<ActionStep>;
  readonly verify: (lease: Lease, world: ActionWorld) => Promise<ActionStep>;
  readonly undo: (lease: Lease, world: ActionWorld) => Promise<ActionStep>;
  /**
   * Takes back what an `apply` that did not end has prepared, as long as applications see none of it. False, and nothing changed, when they
   * may see it.
   */
  readonly withdraw: (lease: Lease, world: ActionWorld) => Promise<boolean>;
};

export const done = (text: string): ActionStep => ({ result: 'done', text });
export const failed = (text: string): ActionStep => ({ result: 'failed', text });
export const unknown = (text: string): ActionStep => ({ result: 'unknown', text });

/** How often a step loads and decides again when others keep changing the same thing. */
export const MAX_ROUNDS = 8;
