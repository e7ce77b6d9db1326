import { readdirSync, readFileSync } from 'node:fs';
import type { AppsManifestCreateArguments } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { slackAppLink, slackManifest } from '../../templates/slack-manifest.ts';

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** As Slack's own types read it: the compiler checks names of members and of scopes. */
const http: Frozen<AppsManifestCreateArguments['manifest']> = slackManifest({
  kind: 'http',
  eventsUrl: 'https://abc.example.com/slack/events',
});
const socket: Frozen<AppsManifestCreateArguments['manifest']> = slackManifest({ kind: 'socket' });

/** Bot scopes of each method that the Slack adapter calls (method pages of docs.slack.dev, "Required scopes"). */
const SCOPES_OF: Readonly<Record<string, readonly string[]>> = {
  // Of the app-level token, which has a scope of its own.
  'apps.connections.open': [],
  'auth.test': [],
  'chat.delete': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.join': ['channels:join'],
  'conversations.list': ['channels:read', 'groups:read'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
};

const readSources = (): readonly string[] => {
  const folder = new URL('../../lib/adapters/slack/', import.meta.url);
  return readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
};

/** Whatever is written as a method's name in the adapter. */
const METHOD =
  /'((?:admin|api|apps|assistant|auth|blocks|bookmarks|bots|calls|canvases|chat|conversations|dnd|emoji|entity|files|lists|oauth|pins|reactions|reminders|search|stars|team|usergroups|users|views)\.[a-zA-Z.]+)'/g;

describe('the scopes of the manifest', () => {
  const called = new Set(readSources().flatMap((source) => [...source.matchAll(METHOD)].map(([, name]) => name)));

  it('are known for every method that is called, and for no other', () => {
    expect([...called].sort()).toEqual(Object.keys(SCOPES_OF).sort());
  });

  it('are those of these methods and of the command, and no more', () => {
    const needed = new Set([...Object.values(SCOPES_OF).flat(), 'commands']);
    expect([...(http.oauth_config?.scopes?.bot ?? [])].sort()).toEqual([...needed].sort());
  });

  it('are optional only for private channels', () => {
    expect(http.oauth_config?.scopes?.bot_optional).toEqual(['groups:read', 'groups:history']);
  });
});

describe('the manifest', () => {
  it('sends commands and clicks to the same address', () => {
    expect(http.features?.slash_commands?.map((command) => command.url)).toEqual([
      'https://abc.example.com/slack/events',
    ]);
    expect(http.settings).toMatchObject({
      interactivity: { is_enabled: true, request_url: 'https://abc.example.com/slack/events' },
      socket_mode_enabled: false,
    });
  });

  it('of socket mode names no address, and is the same app otherwise', () => {
    expect(JSON.stringify(socket)).not.toMatch(/url/);
    expect(socket.settings).toMatchObject({ interactivity: { is_enabled: true }, socket_mode_enabled: true });
    expect([socket.oauth_config, socket.display_information]).toEqual([http.oauth_config, http.display_information]);
  });

  it('asks for no events, which nothing here listens to', () => {
    const listeners = readSources().join('\n');
    expect(listeners).not.toMatch(/app\.(?:event|message|shortcut|view|options)\(/);
    expect([http, socket].map((one) => one.settings?.event_subscriptions)).toEqual([undefined, undefined]);
  });

  it('has a command that somebody listens to, and people arrive in it as ids', () => {
    const [command] = http.features?.slash_commands ?? [];
    expect(readSources().join('\n')).toContain(`app.command('${command?.command}'`);
    expect(command?.should_escape).toBe(true);
  });

  it('keeps within what Slack takes (manifest reference)', () => {
    const { name, description = '', long_description = '', background_color = '' } = http.display_information;
    const [command] = http.features?.slash_commands ?? [];
    const lengths: readonly (readonly [string | undefined, number, number])[] = [
      [name, 1, 35],
      [description, 1, 140],
      [long_description, 174, 4000],
      [command?.command, 2, 32],
      [command?.description, 1, 2000],
      [command?.usage_hint, 1, 1000],
      [http.features?.bot_user?.display_name, 1, 80],
    ];
    for (const [text = '', least, most] of lengths) {
      expect(text.length).toBeGreaterThanOrEqual(least);
      expect(text.length).toBeLessThanOrEqual(most);
    }
    expect(background_color).toMatch(/^#[0-9a-f]{6}$/);
    expect(http.features?.bot_user?.display_name).toMatch(/^[a-z0-9._-]+$/);
  });

  it('fits into one link, and comes out of it as it was', () => {
    const link = slackAppLink(slackManifest({ kind: 'http', eventsUrl: `https://${'a'.repeat(500)}/slack/events` }));
    expect(link.length).toBeLessThan(4096);
    const { origin, pathname, searchParams } = new URL(slackAppLink(slackManifest({ kind: 'socket' })));
    expect([origin, pathname, searchParams.get('new_app')]).toEqual(['https://api.slack.com', '/apps', '1']);
    expect(JSON.parse(searchParams.get('manifest_json') ?? '')).toEqual(JSON.parse(JSON.stringify(socket)));
  });
});
