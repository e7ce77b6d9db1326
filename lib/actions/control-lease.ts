import { type Control, type ControlLease, type ControlValues, effectiveValues } from '../domain/control.ts';
import type { Lease } from '../domain/lease.ts';
import { type ActionStep, type ActionWorld, done, failed, MAX_ROUNDS, unknown } from './action.ts';

/*
 * The order of a change: the record by compare-and-swap (the truth), then the projection, then the record again: "this text is ours".
 * After a crash the record says what the projection should be, and a text that the record would render is known as ours.
 */

type Loaded = { readonly control: Control; readonly version: number };

const keyOf = ({ target }: ActionWorld): string => `${target.environment}/${target.name}`;

/** What is known of the service's controls; an empty one before the first change. */
export const loadControl = async (world: ActionWorld): Promise<Loaded> => {
  const stored = await world.store.read('control', keyOf(world));
  if (stored !== null) return { control: stored.record, version: stored.version };
  const { name: service, environment } = world.target;
  const control: Control = {
    service,
    environment,
    base: {},
    leases: [],
    version: 0,
    published: null,
    foreignShown: null,
  };
  return { control, version: 0 };
};

/** The text applications read. The same control always gives the same text. */
const renderControl = (control: Control): string => {
  const { fallback, maxConcurrency, timeoutMs, model } = effectiveValues(control);
  const expiresAt = control.leases.at(-1)?.expiresAt ?? undefined;
  return JSON.stringify({ version: control.version, fallback, maxConcurrency, timeoutMs, model, expiresAt });
};

const readProjection = (world: ActionWorld): Promise<string | null> =>
  world.projection.current(world.target.environment, world.target.name);

/** Written by somebody else. A projection that is not there overwrites nothing. */
const isForeign = (text: string | null, control: Control): text is string =>
  text !== null && text !== control.published && text !== renderControl(control);

/** A person saw exactly this text and asked again: the same request, run again by a timer or after a crash, is no consent. */
const isConsented = (text: string, control: Control, { request, byPerson }: Change): boolean =>
  byPerson && control.foreignShown?.text === text && control.foreignShown.request !== request;

const withLeases = (control: Control, leases: readonly ControlLease[]): Control => ({
  ...control,
  leases,
  version: control.version + 1,
});

const without = (control: Control, leaseId: string): readonly ControlLease[] =>
  control.leases.filter((one) => one.leaseId !== leaseId);

const hasLease = (control: Control, leaseId: string): boolean => control.leases.some((one) => one.leaseId === leaseId);

/** A few words of a text that may be anything. */
const quote = (text: string): string => {
  const short = Array.from(text.replaceAll(/[\p{Cc}`]/gu, ' '));
  return short.length > 300 ? `${short.slice(0, 300).join('')}…` : short.join('');
};

const shownToPerson = (text: string, { again }: Change): ActionStep =>
  failed(
    `Somebody else changed the controls that applications read. They now say: ${quote(text)} They were left as they are; ` +
      `${again} overwrites exactly this text.`,
  );

const save = (world: ActionWorld, control: Control, version: number): Promise<number | null> =>
  world.store.write('control', keyOf(world), control, version);

type Change = {
  /** One wish, however often it is run. */
  readonly request: string;
  /** Whether a person asked for it, and not a timer. */
  readonly byPerson: boolean;
  /** What a person does to overwrite somebody else's text. */
  readonly again: string;
  /** The leases as they should be; null when they already are. */
  readonly wanted: (control: Control) => readonly ControlLease[] | null;
  /** The leases that remain when somebody else's text stands in the way. */
  readonly withdrawn: (control: Control) => readonly ControlLease[];
};

/** Puts the change into the record and the record into the projection. */
const carryOut = async (change: Change, world: ActionWorld): Promise<ActionStep> => {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const step = await carryOutOnce(change, world);
    if (step !== null) return step;
  }
  return unknown(
    'The controls keep being changed by somebody else at the same time. Look at them before anything else.',
  );
};

/** null: somebody else wrote in between, load and decide again. */
const carryOutOnce = async (change: Change, world: ActionWorld): Promise<ActionStep | null> => {
  const { control, version } = await loadControl(world);
  const leases = change.wanted(control);
  const ours = renderControl(control);
  if (leases === null && (version === 0 || control.published === ours)) return done('');
  const current = await readProjection(world);
  if (isForeign(current, control) && !isConsented(current, control, change)) {
    const kept = change.withdrawn(control);
    const rest = kept.length === control.leases.length ? control : withLeases(control, kept);
    const foreignShown = { text: current, request: change.request };
    const saved = await save(world, { ...rest, foreignShown }, version);
    return saved === null ? null : shownToPerson(current, change);
  }
  if (leases !== null) {
    // A text that was published but not yet recorded must still be known as ours once the record renders another.
    const published = current === ours ? current : control.published;
    if ((await save(world, { ...withLeases(control, leases), published }, version)) === null) return null;
  }
  return (await publish(world)) ? done('') : null;
};

/**
 * Publishes the record as it is now and looks again: whoever finds that it changed meanwhile publishes once more, so that a late
 * writer does not leave an old text behind. False when it kept changing.
 */
const publish = async (world: ActionWorld): Promise<boolean> => {
  const { environment, name } = world.target;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { control } = await loadControl(world);
    const text = renderControl(control);
    if ((await readProjection(world)) !== text) await world.projection.publish(environment, name, text);
    const again = await loadControl(world);
    if (again.control.version !== control.version) continue;
    const recorded = { ...again.control, published: text, foreignShown: null };
    if ((await save(world, recorded, again.version)) !== null) return true;
  }
  return false;
};

/** Adds this lease's values; they replace those of an older lease while this one lasts. */
export const applyControlLease = (
  lease: Lease,
  values: (control: Control) => ControlValues,
  expiresAt: string | null,
  world: ActionWorld,
): Promise<ActionStep> =>
  carryOut(
    {
      wanted: (control) =>
        hasLease(control, lease.id)
          ? null
          : [...control.leases, { leaseId: lease.id, values: values(control), expiresAt }],
      withdrawn: (control) => without(control, lease.id),
      request: lease.id,
      byPerson: true,
      again: 'asking for the same again',
    },
    world,
  );

/** Takes this lease's values out, and no other's. */
export const undoControlLease = (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const byPerson = lease.undo?.why === 'asked';
  return carryOut(
    {
      wanted: (control) => (hasLease(control, lease.id) ? without(control, lease.id) : null),
      // Its time is over whatever stands in the projection: the record, which is the truth, lets go of it.
      withdrawn: (control) => (byPerson ? control.leases : without(control, lease.id)),
      request: `${lease.id}/undo-${lease.undo?.attempt ?? 0}`,
      byPerson,
      again: byPerson ? 'undoing it again' : 'undoing it',
    },
    world,
  );
};

/** False when the projection says what the record does: applications may have read it. */
export const withdrawControlLease = async (lease: Lease, world: ActionWorld): Promise<boolean> => {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { control, version } = await loadControl(world);
    if (!hasLease(control, lease.id)) return true;
    if ((await readProjection(world)) === renderControl(control)) return false;
    if ((await save(world, withLeases(control, without(control, lease.id)), version)) !== null) return true;
  }
  return false;
};

/** Whether applications can read what the record says, this lease included. */
export const verifyControlLease = async (lease: Lease, world: ActionWorld): Promise<ActionStep> => {
  const { control } = await loadControl(world);
  if (!hasLease(control, lease.id)) return failed('This change is no longer in the controls.');
  const current = await readProjection(world);
  if (current === renderControl(control)) return done('');
  return failed(
    current === null
      ? 'The controls that applications read are not there.'
      : `The controls that applications read were changed by somebody else. They now say: ${quote(current)}`,
  );
};
