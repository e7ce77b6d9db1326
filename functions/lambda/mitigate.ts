import { openMitigate } from '../../lib/app/aws/mitigate.ts';
import { createQueueHandler } from '../queue.ts';

export const handler = createQueueHandler(openMitigate(process.env));
