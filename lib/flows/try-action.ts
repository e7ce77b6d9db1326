import {
  type Action,
  type ActionPreview,
  type ActionStep,
  type ActionWorld,
  failed,
  unknown,
} from '../actions/action.ts';
import type { Lease } from '../domain/lease.ts';
import { isFinal } from '../ports/final-failure.ts';

/*
 * The steps of an action where a port that refuses for good is an outcome that people are told, instead of a job that is tried until it is
 * a dead letter. Whatever else is thrown is thrown on: the job comes again.
 */

const orElse = async <T>(step: Promise<T>, refused: (why: string) => T | Promise<T>): Promise<T> => {
  try {
    return await step;
  } catch (error) {
    if (!isFinal(error)) throw error;
    return refused(error.message);
  }
};

const AGAIN = 'Trying again would bring the same; press again when that is fixed.';

export const tryPreview = (action: Action, lease: Lease, world: ActionWorld): Promise<ActionPreview> =>
  orElse(action.preview(lease, world), (why) => ({ refused: `It was refused: ${why}. Nothing was changed. ${AGAIN}` }));

export const tryApply = (action: Action, lease: Lease, world: ActionWorld): Promise<ActionStep> =>
  orElse(action.apply(lease, world), async (why) => {
    const left = await tryWithdraw(action, lease, world);
    return left === 'nothing'
      ? failed(`It was refused: ${why}. Nothing was changed. ${AGAIN}`)
      : unknown(`It was begun and then refused: ${why}. It may be in effect: look before anything else, or undo it.`);
  });

export const tryVerify = (action: Action, lease: Lease, world: ActionWorld): Promise<ActionStep> =>
  orElse(action.verify(lease, world), (why) => unknown(`It was done, but it could not be checked: ${why}.`));

export const tryUndo = (action: Action, lease: Lease, world: ActionWorld): Promise<ActionStep> =>
  orElse(action.undo(lease, world), (why) =>
    failed(
      `It was not undone, or not wholly: ${why}. Trying again would bring the same; undo it again when that is fixed.`,
    ),
  );

/** `perhaps`: nobody can tell. */
export const tryWithdraw = (
  action: Action,
  lease: Lease,
  world: ActionWorld,
): Promise<'nothing' | 'in-effect' | 'perhaps'> =>
  orElse<'nothing' | 'in-effect' | 'perhaps'>(
    action.withdraw(lease, world).then((isWithdrawn) => (isWithdrawn ? 'nothing' : 'in-effect')),
    () => 'perhaps',
  );
