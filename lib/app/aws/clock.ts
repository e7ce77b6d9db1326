import { tick } from '../../flows/tick.ts';
import { readLambdaEnvironment } from './environment.ts';
import { openFunction, WORK_VARIABLES } from './open-function.ts';

/** `clock`: reads the table and fills the queues; asks nobody else. */
export const openClock = (variables: NodeJS.ProcessEnv): (() => Promise<void>) => {
  const { parts } = openFunction(variables, readLambdaEnvironment(variables, WORK_VARIABLES));
  return () => tick(parts);
};
