import { randomBytes } from 'node:crypto';
import type { Live } from './live.ts';
import { WORKSPACE } from './workspace.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An open modal. As in Slack it lives with the page of its person: a restart closes it. */
export type OpenView = {
  readonly id: string;
  readonly user: string;
  readonly rootId: string;
  readonly previousId: string | null;
  readonly hash: string;
  readonly fields: Fields;
};

export type Views = {
  readonly open: (user: string, fields: Fields, previous: OpenView | null) => OpenView;
  readonly update: (view: OpenView, fields: Fields) => OpenView;
  /** Closes this one alone; the one below shows again. */
  readonly close: (view: OpenView) => void;
  readonly clear: (user: string) => void;
  readonly find: (id: string) => OpenView | null;
  readonly findExternal: (externalId: string) => OpenView | null;
  /** The one on top, which the person sees. */
  readonly top: (user: string) => OpenView | null;
  readonly depth: (user: string) => number;
};

/** The view as the Web API and the interaction payloads carry it. */
export const toSlackView = (view: OpenView, values: Fields = {}): Fields => ({
  private_metadata: '',
  callback_id: '',
  external_id: '',
  submit: null,
  close: null,
  clear_on_close: false,
  notify_on_close: false,
  submit_disabled: false,
  ...view.fields,
  id: view.id,
  team_id: WORKSPACE.teamId,
  state: { values },
  hash: view.hash,
  previous_view_id: view.previousId,
  root_view_id: view.rootId,
  app_id: WORKSPACE.appId,
  app_installed_team_id: WORKSPACE.teamId,
  bot_id: WORKSPACE.botId,
});

export const openViews = (live: Live, clock: { readonly nowMs: () => number }): Views => {
  const stacks = new Map<string, OpenView[]>();
  const all = (): readonly OpenView[] => [...stacks.values()].flat();
  const stackOf = (user: string): OpenView[] => stacks.get(user) ?? [];
  const newHash = (): string => `${Math.floor(clock.nowMs() / 1000)}.${randomBytes(4).toString('hex')}`;
  const set = (user: string, stack: OpenView[]): void => {
    stacks.set(user, stack);
    const top = stack.at(-1);
    live.publish({ kind: 'view', data: top === undefined ? null : toSlackView(top), onlyFor: user });
  };
  return {
    open: (user, fields, previous) => {
      const id = `V0${randomBytes(5).toString('hex').toUpperCase()}`;
      const view = {
        id,
        user,
        rootId: previous?.rootId ?? id,
        previousId: previous?.id ?? null,
        hash: newHash(),
        fields,
      };
      set(user, previous === null ? [view] : [...stackOf(user), view]);
      return view;
    },
    update: (view, fields) => {
      const next = { ...view, fields, hash: newHash() };
      set(
        view.user,
        stackOf(view.user).map((one) => (one.id === view.id ? next : one)),
      );
      return next;
    },
    close: (view) =>
      set(
        view.user,
        stackOf(view.user).filter((one) => one.id !== view.id),
      ),
    clear: (user) => set(user, []),
    find: (id) => all().find((view) => view.id === id) ?? null,
    findExternal: (externalId) => all().find((view) => view.fields['external_id'] === externalId) ?? null,
    top: (user) => stackOf(user).at(-1) ?? null,
    depth: (user) => stackOf(user).length,
  };
};
