import type { ChatFailure } from '../../ports/chat.ts';

/**
 * What the `error` of an `ok: false` answer means (method pages of docs.slack.dev). `fatal_error` and its kin may have
 * succeeded in part, says Slack. A code that is not here is `ambiguous`: looking again costs one call, a wrong "not taken" a second message.
 */
const BY_FAILURE: readonly (readonly [ChatFailure, readonly string[]])[] = [
  ['no-channel', ['channel_not_found', 'is_archived']],
  ['not-in-channel', ['not_in_channel', 'user_not_in_channel']],
  ['no-message', ['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found']],
  ['no-message', ['cannot_reply_to_message']],
  ['no-permission', ['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive']],
  ['no-permission', ['missing_scope', 'not_allowed_token_type', 'no_permission', 'permission_denied']],
  ['no-permission', ['access_denied', 'ekm_access_denied', 'enterprise_is_restricted', 'org_login_required']],
  ['no-permission', ['team_access_not_granted', 'two_factor_setup_required', 'cant_delete_message']],
  ['no-permission', ['restricted_action', 'restricted_action_read_only_channel']],
  ['no-permission', ['restricted_action_thread_only_channel', 'restricted_action_non_threadable_channel']],
  ['no-permission', ['restricted_action_thread_locked', 'plan_upgrade_required', 'paid_teams_only']],
  ['no-permission', ['user_not_found', 'user_not_visible', 'no_such_subteam', 'method_not_supported_for_channel_type']],
  ['bad-message', ['invalid_blocks', 'invalid_blocks_format', 'block_mismatch', 'no_text']],
  ['bad-message', ['msg_too_long', 'msg_blocks_too_long', 'invalid_attachments', 'too_many_attachments']],
  ['bad-message', ['metadata_too_large', 'invalid_metadata_format', 'invalid_metadata_schema']],
  ['bad-message', ['invalid_arguments', 'invalid_arg_name', 'invalid_array_arg', 'invalid_charset']],
  ['no-permission', ['unknown_method', 'method_deprecated']],
  ['bad-message', ['request_too_large']],
  ['bad-message', ['invalid_form_data', 'invalid_post_type', 'metadata_must_be_sent_from_app']],
  ['rate-limited', ['ratelimited', 'rate_limited', 'message_limit_exceeded']],
  ['ambiguous', ['fatal_error', 'internal_error', 'service_unavailable', 'request_timeout', 'update_failed']],
];

export const REFUSALS: ReadonlyMap<string, ChatFailure> = new Map(
  BY_FAILURE.flatMap(([failure, codes]) => codes.map((code) => [code, failure] as const)),
);

const NEW_APP_TOKEN =
  'SLACK_APP_TOKEN must be an app-level token of this app with the scope connections:write: make one in the settings of the app';

/** What a person can do about it; shown with the error. By code, and before that by method and code. */
export const ADVICE: ReadonlyMap<string, string> = new Map([
  ...['invalid_auth', 'not_authed', 'token_revoked', 'missing_scope', 'not_allowed_token_type'].map(
    (code) => [`apps.connections.open ${code}`, NEW_APP_TOKEN] as const,
  ),
  ['channel_not_found', 'no such channel, or a private one: then somebody must type /invite for the bot there'],
  ['is_archived', 'the channel is archived'],
  ['invalid_auth', 'the bot token is not valid for this workspace'],
  ['missing_scope', 'the app lacks a scope of its manifest: install it again'],
  ['user_not_in_channel', 'the person is not in that channel'],
]);
