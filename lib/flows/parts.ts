import type { ModelEnd } from '../domain/ahead.ts';
import type { Moment } from '../domain/incident-change.ts';
import type { Chat, ChatPeople } from '../ports/chat.ts';
import type { ControlProjection } from '../ports/controls.ts';
import type { Documents } from '../ports/documents.ts';
import type { Jobs } from '../ports/jobs.ts';
import type { ProbeSources } from '../ports/probe-sources.ts';
import type { HealthCalls, MistralCalls, ServiceTarget } from '../ports/probes.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Checkpoint, Clock, Ids, Log, Wait } from '../ports/world.ts';

/** What the flows need to know of the configuration, already decided. */
export type FlowSettings = {
  readonly services: readonly (ServiceTarget & {
    readonly channel: string;
    /** Models that the application calls where its own do not answer, in their order. */
    readonly fallbackModels?: readonly string[];
  })[];
  /** Ends of models that the configuration knows better, by model. */
  readonly modelEnds?: Readonly<Record<string, ModelEnd>>;
  /** Channel of incidents of a service that is not configured, and of notices to the owner. */
  readonly channel: string;
  readonly reopenWithinMs: number;
  /** How long nothing may be wrong before an incident in monitoring is resolved. */
  readonly quietMs: number;
  readonly recheckMs: number;
  /** At least this much between checks while a probe would spend a limited budget. */
  readonly limitedRecheckMs: number;
  readonly probeDeadlineMs: number;
  readonly probing: { readonly tokensPerHour: number };
  readonly routineMs: number;
  readonly fallbackMinutes: number;
  /** In the local state from the environment, made up for the embedded Mistral, or in AWS Secrets Manager. */
  readonly keysLiveIn: 'local' | 'embedded' | 'aws';
  readonly approvalMinutes: number;
  /** Kinds that need a second person. */
  readonly needApproval: readonly string[];
  readonly mayMitigate: { readonly users: readonly string[]; readonly groups: readonly string[] };
  readonly retentionDays: number;
  readonly pace: { readonly messageMs: number; readonly editMs: number; readonly editsPerMinute: number };
};

/** Everything a flow may touch. Each flow takes the members it needs. */
export type Parts = {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly chat: Chat;
  readonly people: ChatPeople;
  readonly secrets: Secrets;
  readonly projection: ControlProjection;
  readonly documents: Documents;
  readonly mistral: MistralCalls;
  readonly health: HealthCalls;
  /** What else probes may ask. */
  readonly sources: ProbeSources;
  /** null: no monitoring service is configured. */
  readonly telemetry: Telemetry | null;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly wait: Wait;
  readonly log: Log;
  readonly checkpoint: Checkpoint;
  readonly settings: FlowSettings;
  /** Every secret value this process holds, for redaction only. */
  readonly heldSecrets: () => Promise<readonly string[]>;
  /** Names of the secrets that could not be read just now: a key of theirs may be missing from `heldSecrets`. */
  readonly unreadSecrets: () => Promise<readonly string[]>;
  /** The configuration as evidence keeps it: without secrets. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Tells the deliverer, if one runs in this process, that these incidents have something to tell. */
  readonly nudge: (incidentIds: readonly string[]) => void;
};

export const momentOf = (parts: Pick<Parts, 'clock' | 'ids'>): Moment => {
  const nowMs = parts.clock.nowMs();
  return { nowMs, at: new Date(nowMs).toISOString(), newId: () => parts.ids.ordered(nowMs) };
};
