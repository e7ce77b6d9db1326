import { openTriage } from '../../lib/app/aws/triage.ts';
import { createQueueHandler } from '../queue.ts';

export const handler = createQueueHandler(await openTriage(process.env));
