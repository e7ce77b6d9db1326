import { createHash } from 'node:crypto';

/** The one workspace: the app, its bot, one person who is on call and one who is not. */
export const WORKSPACE = {
  teamId: 'T0TRIAGE',
  teamName: 'Night Shift',
  domain: 'night-shift',
  appId: 'A0TRIAGE',
  botUserId: 'U0TRIAGE',
  botId: 'B0TRIAGE',
  commands: ['/mistral-triage'],
} as const;

export type Person = {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly isBot: boolean;
};

export const PEOPLE: readonly Person[] = [
  { id: 'U0MAYA', handle: 'maya', name: 'Maya Ortiz', isBot: false },
  { id: 'U0NOAH', handle: 'noah', name: 'Noah Lind', isBot: false },
];

const BOT: Person = { id: WORKSPACE.botUserId, handle: 'mistral-triage', name: 'mistral-triage', isBot: true };

export const EVERYBODY: readonly Person[] = [...PEOPLE, BOT];

export const GROUPS = [{ id: 'S0ONCALL', handle: 'oncall', name: 'On call', users: ['U0MAYA'] }] as const;

/** A person who may sit in front of the page; the bot is none. */
export const findPerson = (id: unknown): Person | null => PEOPLE.find((person) => person.id === id) ?? null;

/**
 * Stable from the name, so that a test or a bookmark survives a fresh state file. A name that loses characters on the
 * way gets a hash, so that `pay-alerts` and `payalerts` do not meet.
 */
export const channelIdOf = (name: string): string => {
  const plain = name.toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (plain === name.toUpperCase()) return `C0${plain}`;
  return `C0${plain}${createHash('sha256').update(name).digest('hex').slice(0, 4).toUpperCase()}`;
};

export const isChannelName = (name: string): boolean => /^[a-z0-9_-]{1,80}$/.test(name);
