import { isSeverity, type Severity } from './severity.ts';

/** What a person typed after `/mistral-triage`. */
export type Command =
  | { readonly verb: 'triage'; readonly service: string | null }
  | { readonly verb: 'help' | 'status' }
  | { readonly verb: 'rotate-key' | 'fallback-on' | 'fallback-off'; readonly incidentId: string | null }
  | { readonly verb: 'evidence' | 'postmortem'; readonly incidentId: string | null }
  | { readonly verb: 'ack' | 'unack' | 'reopen'; readonly incidentId: string | null }
  | { readonly verb: 'resolve'; readonly incidentId: string | null; readonly anyway: boolean }
  | { readonly verb: 'assign'; readonly incidentId: string | null; readonly user: string | null }
  | { readonly verb: 'severity'; readonly incidentId: string | null; readonly severity: Severity }
  | { readonly verb: 'update'; readonly incidentId: string | null; readonly text: string }
  | { readonly verb: 'wrong'; readonly why: string };

const INCIDENT = /^INC-\d{6}-[0-9A-Z]{8}$/i;
const MEANT_AS_INCIDENT = /^INC-/i;
/** As Slack writes a mention when the command escapes them: `<@U123|maya>`. */
const MENTION = /^<@([A-Z0-9]+)(?:\|[^>]*)?>$/;

/** Reads the text of the slash command. Never throws; what it cannot read it answers with a sentence. */
export const readCommand = (text: string): Command => {
  const [first = '', ...others] = text.trim().split(/\s+/);
  const verb = first.toLowerCase();
  // An update may speak of other incidents; only a first word names its own.
  const isNamed = (word: string, place: number): boolean =>
    MEANT_AS_INCIDENT.test(word) && (verb !== 'update' || place === 0);
  const named = others.filter(isNamed);
  const wrong = named.find((word) => !INCIDENT.test(word));
  if (wrong !== undefined)
    return {
      verb: 'wrong',
      why: `"${wrong.slice(0, 40)}" is not the id of an incident. Nothing was done. \`/mistral-triage status\` lists the open ones.`,
    };
  const words = [first, ...others.filter((word, place) => !isNamed(word, place))];
  const id = named[0]?.toUpperCase() ?? null;
  const rest = words.slice(1).join(' ');
  switch (verb) {
    case '':
      return { verb: 'triage', service: null };
    case 'triage':
      return { verb: 'triage', service: words[1] ?? null };
    case 'help':
    case 'status':
      return { verb };
    case 'ack':
    case 'unack':
    case 'rotate-key':
    case 'evidence':
    case 'postmortem':
    case 'reopen':
      return { verb, incidentId: id };
    case 'resolve':
      return { verb, incidentId: id, anyway: rest.toLowerCase() === 'anyway' };
    case 'assign':
      return readAssign(rest, id);
    case 'severity':
      return readSeverity(rest, id);
    case 'fallback':
      return readFallback(rest, id);
    case 'update':
      return rest === ''
        ? { verb: 'wrong', why: 'Say what to tell: `/mistral-triage update TEXT`.' }
        : { verb, incidentId: id, text: unescapeText(readWritten(text, named.length + 1)) };
    default:
      return {
        verb: 'wrong',
        why: `I do not know "${verb.slice(0, 40)}". \`/mistral-triage triage SERVICE\` asks about one service; \`/mistral-triage help\` lists what I know.`,
      };
  }
};

/** What follows so many words, as it was written: with its line breaks. */
const readWritten = (text: string, words: number): string =>
  text
    .trim()
    .split(/(\s+)/)
    .slice(2 * words)
    .join('');

/** Alone it names the caller. A name that is no mention could be anybody, so nobody is taken for it. */
const readAssign = (rest: string, incidentId: string | null): Command => {
  const user = MENTION.exec(rest)?.[1] ?? null;
  return user !== null || rest === ''
    ? { verb: 'assign', incidentId, user }
    : {
        verb: 'wrong',
        why: 'I cannot tell who that is: type @ and choose the person from the list, as in `/mistral-triage assign @maya`. Alone, `assign` takes yourself.',
      };
};

const readSeverity = (rest: string, incidentId: string | null): Command => {
  const severity = rest.toUpperCase();
  return isSeverity(severity)
    ? { verb: 'severity', incidentId, severity }
    : { verb: 'wrong', why: 'A severity is P1, P2, P3 or P4: `/mistral-triage severity P2`.' };
};

const readFallback = (rest: string, incidentId: string | null): Command => {
  switch (rest.toLowerCase()) {
    case 'on':
      return { verb: 'fallback-on', incidentId };
    case 'off':
      return { verb: 'fallback-off', incidentId };
    default:
      return { verb: 'wrong', why: 'Say `/mistral-triage fallback on` or `/mistral-triage fallback off`.' };
  }
};

/** Slack escapes these three in a command's text. */
const unescapeText = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** A command as a person types it, for an answer that shows how. */
export const typedAs = (command: Command): string => command.verb.replace('fallback-', 'fallback ');
