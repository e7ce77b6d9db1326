import type { BuriedJob } from '../lib/domain/burial.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { context, message, section } from './blocks.ts';
import { code, escapeText, joinText, md } from './text.ts';

/** Tells the owner of accepted jobs that were tried until there was no hope. `jobs` are the last of the `count`. */
export const renderBuried = (count: number, jobs: readonly BuriedJob[]): ChatMessage => {
  const what = `${count} accepted ${count === 1 ? 'job' : 'jobs'}`;
  const rest = count - jobs.length;
  return message(md`${what} could not be processed. Something may not have been told.`, [
    section(
      md`*${what} could not be processed*\nEach was tried many times. What it was about may be missing here: look at the monitors, and at the log of this bot.`,
    ),
    section(
      joinText(
        jobs.map(({ id, kind, why }) => md`• ${escapeText(kind, 40)} ${code(id)}: ${escapeText(why, 200)}`),
        '\n',
      ),
    ),
    context([md`${rest > 0 ? `And ${rest} more. ` : ''}They are kept; "npm run incidents" shows the last of them.`]),
  ]);
};
