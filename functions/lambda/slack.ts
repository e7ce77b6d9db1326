import { openSlack } from '../../lib/app/aws/slack.ts';
import { createSlackHandler } from '../slack.ts';

export const handler = createSlackHandler(openSlack(process.env));
