import { type Environment, readAlertsTokens, readSlack } from '../../environment.ts';

/** What the app's secret holds. A part that is null cannot be used, and `mistakes` say why: of every member, in one go, and never its value. */
export type AppSecretValues = {
  readonly alertsTokens: readonly string[] | null;
  readonly slack: Environment['slack'];
  readonly mistakes: readonly string[];
};

type Members = ReadonlyMap<string, unknown>;

const readMembers = (text: string): Members | null => {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? new Map(Object.entries(value)) : null;
  } catch {
    return null;
  }
};

const SLACK = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_CHANNEL'];
const NAMES = [...SLACK, 'ALERTS_TOKEN'];

/** As the environment of a local run gives it. Blank counts as absent. */
const textIn = (members: Members, name: string): string | null => {
  const member = members.get(name);
  return typeof member === 'string' && member.trim() !== '' ? member : null;
};

const describeAbsent = (members: Members, name: string): string =>
  typeof members.get(name) === 'string' || !members.has(name) ? `${name}: missing` : `${name}: not a text`;

/**
 * `{"SLACK_BOT_TOKEN","SLACK_SIGNING_SECRET","SLACK_CHANNEL","ALERTS_TOKEN"}`, by the rules of the same names in the environment; other
 * members are not looked at. null: no JSON object at all.
 */
export const readAppSecret = (text: string, slackApiUrl: string): AppSecretValues | null => {
  const members = readMembers(text);
  if (members === null) return null;
  const get = (name: string): string | null =>
    name === 'SLACK_API_URL' ? slackApiUrl : NAMES.includes(name) ? textIn(members, name) : null;
  const absent = NAMES.filter((name) => get(name) === null);
  const ofSlack: string[] = [];
  const ofAlerts: string[] = [];
  const hasSlack = SLACK.every((name) => get(name) !== null);
  const slack = hasSlack ? readSlack(get, ofSlack) : null;
  const alertsTokens = readAlertsTokens(get('ALERTS_TOKEN'), ofAlerts);
  return {
    slack: ofSlack.length === 0 ? slack : null,
    alertsTokens: ofAlerts.length === 0 ? alertsTokens : null,
    mistakes: [...absent.map((name) => describeAbsent(members, name)), ...ofSlack, ...ofAlerts],
  };
};
