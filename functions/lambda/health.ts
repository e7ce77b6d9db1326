import { openHealth } from '../../lib/app/aws/health.ts';
import { createHealthHandler } from '../health.ts';

export const handler = createHealthHandler(openHealth(process.env));
