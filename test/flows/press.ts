import type { SlackRequest } from '../../lib/domain/job.ts';
import type { World } from './world.ts';

let presses = 0;

/** A click, or with the action `command` a typed command, worked on until nothing is left to do. */
export const press = async (
  world: World,
  action: string,
  value: string,
  change: Partial<SlackRequest> = {},
): Promise<void> => {
  const request: SlackRequest = {
    user: 'U0MAYA',
    team: 'T0TRIAGE',
    channel: 'C0INCIDENTS',
    messageTs: null,
    action,
    value,
    isBot: false,
    ...change,
  };
  presses += 1;
  world.pass(1);
  const acceptedAt = new Date(world.parts.clock.nowMs()).toISOString();
  await world.parts.jobs.put([
    { id: `pressed-${presses}`, queue: 'jobs', body: { kind: 'slack', request, acceptedAt } },
  ]);
  await world.settle();
};
