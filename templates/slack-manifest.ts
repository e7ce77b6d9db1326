/** How clicks and commands reach the bot: Slack calls an address of ours, or we hold a socket open to Slack. */
export type SlackWay = { readonly kind: 'http'; readonly eventsUrl: string } | { readonly kind: 'socket' };

/**
 * What the methods that we call need, and nothing more; the test of this file says which method needs which. Optional ones are shown
 * apart when the app is installed, and may be refused there: without them the bot cannot serve private channels.
 */
const OPTIONAL_SCOPES = ['groups:read', 'groups:history'] as const;
const SCOPES = [
  'commands',
  'chat:write',
  'channels:read',
  'channels:join',
  'channels:history',
  'users:read',
  'usergroups:read',
  // Slack wants an optional scope in both lists.
  ...OPTIONAL_SCOPES,
] as const;

const ABOUT = {
  name: 'Mistral Triage',
  description: 'Says what is broken when your software calls the Mistral AI API, whose it is, and what to press.',
  long_description:
    'When an alert fires, Mistral Triage asks the Mistral API and your service, and within seconds posts one message: what is broken, whose fault it is, and which button helps. It keeps that message up to date until the incident is resolved. People with permission may rotate a key or switch to a fallback; every such step is written down before it runs, and one click undoes it.',
  background_color: '#1d1c1d',
} as const;

const COMMAND = {
  command: '/mistral-triage',
  description: 'Asks Mistral now, and says what is wrong and what to press',
  usage_hint: '[help | status | ack | assign @user | severity P2 | update TEXT | rotate-key | fallback on | resolve]',
  // So that @maya arrives as an id.
  should_escape: true,
} as const;

/** The Slack app, as Slack's app settings take it (manifest schema 2). No events: the bot listens to commands and buttons only. */
export const slackManifest = (way: SlackWay) => ({
  _metadata: { major_version: 2 },
  display_information: ABOUT,
  features: {
    app_home: { home_tab_enabled: false, messages_tab_enabled: false },
    bot_user: { display_name: 'mistral-triage', always_online: true },
    slash_commands: [way.kind === 'http' ? { ...COMMAND, url: way.eventsUrl } : COMMAND],
  },
  oauth_config: { scopes: { bot: SCOPES, bot_optional: OPTIONAL_SCOPES } },
  settings: {
    interactivity: way.kind === 'http' ? { is_enabled: true, request_url: way.eventsUrl } : { is_enabled: true },
    socket_mode_enabled: way.kind === 'socket',
    org_deploy_enabled: false,
    token_rotation_enabled: false,
  },
});

/** Opens Slack's "create an app" with everything filled in. */
export const slackAppLink = (manifest: ReturnType<typeof slackManifest>): string =>
  `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(JSON.stringify(manifest))}`;
