import { openSlack } from '../../lib/app/aws/slack.ts';
import { createSlackHandler } from '../slack.ts';

const { primed, ...parts } = openSlack(process.env);

export const handler = createSlackHandler(parts);

await primed;
