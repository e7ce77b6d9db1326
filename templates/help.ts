import type { ChatMessage } from '../lib/domain/message.ts';
import { context, message, section } from './blocks.ts';
import { code, joinText, type Mrkdwn, md } from './text.ts';

/** The words of the slash command that work, and what each does. */
const COMMANDS: readonly (readonly [string, Mrkdwn])[] = [
  ['', md`asks Mistral now and says what is wrong, whose fault it is and what to press`],
  ['triage SERVICE', md`the same for one service`],
  ['status', md`lists the open incidents`],
  ['ack', md`you have seen it and work on it; ${code('unack')} takes that back`],
  ['assign @user', md`makes this person the commander`],
  ['severity P2', md`sets the severity; from then on only people change it`],
  ['update TEXT', md`writes the text into the thread and the timeline of the incident`],
  ['rotate-key', md`tests the standby key and makes it the current key`],
  [
    'fallback on',
    md`the service answers by its fallback and not by its usual models; ${code('fallback off')} ends that`,
  ],
  ['evidence', md`collects what is known into one archive`],
  ['postmortem', md`writes a draft of the postmortem`],
  ['resolve', md`closes the incident; while alerts still fire, ${code('resolve anyway')} does`],
  ['reopen', md`opens it again`],
  ['help', md`shows this list`],
];

const EXAMPLE = '/mistral-triage ack INC-261120-K3F9Q2MT';

export const renderHelp = (): ChatMessage => {
  const lines = COMMANDS.map(([words, does]) => md`${code(`/mistral-triage ${words}`.trim())} ${does}`);
  return message(md`What /mistral-triage can do`, [
    section(md`*What /mistral-triage can do*\n${joinText(lines, '\n')}`),
    context([
      md`When more than one incident is open, add its id: ${code(EXAMPLE)}. The buttons of an incident do the same.`,
    ]),
  ]);
};
