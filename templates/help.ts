import type { ChatMessage } from '../lib/domain/message.ts';
import { context, message, section } from './blocks.ts';
import { code, joinText, md } from './text.ts';

/** The words of the slash command that work, and what each does. */
const COMMANDS: readonly (readonly [string, string])[] = [
  ['', 'asks Mistral now and says what is wrong, whose fault it is and what to press'],
  ['triage SERVICE', 'the same for one service'],
  ['status', 'lists the open incidents'],
  ['ack', 'you have seen it and work on it; `unack` takes that back'],
  ['assign @user', 'makes this person the commander'],
  ['severity P2', 'sets the severity; from then on only people change it'],
  ['update TEXT', "writes the text into the incident's thread and into its timeline"],
  ['rotate-key', 'tests the standby key and makes it the current key'],
  ['fallback on', 'the service answers from its fallback instead of Mistral; `fallback off` ends that'],
  ['evidence', 'collects what is known into one archive'],
  ['postmortem', 'writes a draft of the postmortem'],
  ['resolve', 'closes the incident; while alerts still fire it asks first, then say `resolve anyway`'],
  ['reopen', 'opens it again'],
  ['help', 'this list'],
];

export const renderHelp = (): ChatMessage => {
  const lines = COMMANDS.map(([words, does]) => {
    const [text = '', ...rest] = does.split('`');
    const explained = joinText(
      [md`${text}`, ...rest.map((part, index) => (index % 2 === 0 ? code(part) : md`${part}`))],
      '',
    );
    return md`${code(`/mistral-triage ${words}`.trim())} ${explained}`;
  });
  return message(md`What /mistral-triage can do`, [
    section(md`*What /mistral-triage can do*\n${joinText(lines, '\n')}`),
    context([
      md`When more than one incident is open, add its id: ${code('/mistral-triage ack INC-261120-K3F9Q2MT')}. The buttons of an incident do the same as these words.`,
    ]),
  ]);
};
