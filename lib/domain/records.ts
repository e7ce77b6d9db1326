import type { AheadRecord } from './ahead.ts';
import type { AlertRecord, GroupRecord } from './alert.ts';
import type { Burial } from './burial.ts';
import type { Quarantine, RoutineCheck } from './check.ts';
import type { Control } from './control.ts';
import type { Delivery, Pacer } from './delivery.ts';
import type { DeploymentHistory } from './deployment.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Incident } from './incident.ts';
import type { Lease } from './lease.ts';
import type { ProbeBudget } from './probe-budget.ts';
import type { Ticket } from './ticket.ts';
import type { AuditEntry, TimelineEntry } from './timeline.ts';

/** Everything that is stored, by kind. The key of a child is `<parent>#<rest>`, so children list in order. */
export type Records = {
  readonly alert: AlertRecord;
  readonly group: GroupRecord;
  readonly incident: Incident;
  /** `<incident>#root`, `<incident>#note:<id>` */
  readonly delivery: Delivery;
  /** `<lease>` */
  readonly lease: Lease;
  /** `<environment>/<service>` */
  readonly control: Control;
  /** `<incident>#<time-ordered id>` */
  readonly timeline: TimelineEntry;
  /** `<incident>#<sequence, ten digits>` */
  readonly audit: AuditEntry;
  readonly pacer: Pacer;
  readonly quarantine: Quarantine;
  /** One, with key `all`. */
  readonly burial: Burial;
  /** One, with key `routine`. */
  readonly check: RoutineCheck;
  /** The last diagnosis of `<environment>/<service>`: one answer serves all its incidents. */
  readonly diagnosis: Diagnosis;
  /** By the id of the secret: what the probes of all services with that key spent and heard. */
  readonly probing: ProbeBudget;
  /** What was warned of, of `<environment>/<service>`. */
  readonly ahead: AheadRecord;
  /** `<environment>/<service>` */
  readonly deployment: DeploymentHistory;
  /** `<incident>#<count, four digits>` */
  readonly ticket: Ticket;
};

export type RecordKind = keyof Records;

/** Version of each record's shape. A stored record with a newer one is refused, never guessed at. */
export const RECORD_VERSIONS: { readonly [K in RecordKind]: number } = {
  alert: 1,
  group: 1,
  incident: 1,
  delivery: 1,
  lease: 1,
  control: 1,
  timeline: 1,
  audit: 1,
  pacer: 1,
  quarantine: 1,
  burial: 1,
  check: 1,
  diagnosis: 1,
  probing: 1,
  ahead: 1,
  deployment: 1,
  ticket: 1,
};

/**
 * Days after its last write during which a record is kept where the store forgets by itself; null is for ever. What comes again after
 * that is simply written again. An open promise to a person (incident, lease, control) and the audit are never forgotten, nor is a ticket:
 * the next one would be written over its document.
 */
export const RETENTION_DAYS: { readonly [K in RecordKind]: number | null } = {
  alert: 90,
  group: 365,
  incident: null,
  delivery: 365,
  lease: null,
  control: null,
  timeline: 90,
  audit: null,
  pacer: 1,
  quarantine: 90,
  burial: null,
  check: null,
  diagnosis: 7,
  probing: 1,
  ahead: 90,
  deployment: 365,
  ticket: null,
};
