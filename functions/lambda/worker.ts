import { openWorker } from '../../lib/app/aws/worker.ts';
import { createQueueHandler } from '../queue.ts';

export const handler = createQueueHandler(await openWorker(process.env));
