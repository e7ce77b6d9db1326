import { BOT, type Happening } from '../domain/incident-change.ts';
import type { AlertNews } from './count-alerts.ts';

/** Named in one sentence; the rest is counted. */
const NAMED = 3;
const REFS_KEPT = 10;

const WORDS: Readonly<Record<AlertNews['what'], { readonly one: string; readonly many: string }>> = {
  firing: { one: 'Alert firing', many: 'alerts firing' },
  over: { one: 'Alert fired and is over', many: 'alerts fired and are over' },
  resolved: { one: 'Alert resolved', many: 'alerts resolved' },
};

/**
 * What a batch means to people: at most one entry and one note for all that joined, one entry for all that are over, however many
 * they are. `isKnown`: people have seen the incident; its first alerts are told by its message.
 */
export const tellAlerts = (news: readonly AlertNews[], isKnown: boolean): readonly Happening[] => {
  const of = (what: AlertNews['what']): readonly AlertNews[] => news.filter((one) => one.what === what);
  const joined = [...of('firing'), ...of('over')];
  const resolved = of('resolved');
  const refs = (some: readonly AlertNews[]): readonly string[] => some.slice(0, REFS_KEPT).map(({ key }) => key);
  const note = isKnown ? { note: { kind: 'update' } as const } : {};
  return [
    ...(joined.length === 0
      ? []
      : [
          {
            kind: 'alert-joined',
            actor: BOT,
            text: describe([of('firing'), of('over')]),
            refs: refs(joined),
            ...note,
          } as const,
        ]),
    ...(resolved.length === 0
      ? []
      : [{ kind: 'alert-resolved', actor: BOT, text: describe([resolved]), refs: refs(resolved) } as const]),
  ];
};

const describe = (groups: readonly (readonly AlertNews[])[]): string =>
  groups
    .filter((group) => group.length > 0)
    .map(describeGroup)
    .join('; ');

/** `Alert firing: a`, or `213 alerts firing: a, b, c and 210 more`. */
const describeGroup = (group: readonly AlertNews[]): string => {
  const [first] = group;
  if (!first) return '';
  const words = WORDS[first.what];
  if (group.length === 1) return `${words.one}: ${first.title}`;
  const shown = [...new Set(group.map(({ title }) => title))].slice(0, NAMED);
  const more = group.filter(({ title }) => !shown.includes(title)).length;
  return `${group.length} ${words.many}: ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
};
