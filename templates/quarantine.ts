import type { Quarantine } from '../lib/domain/check.ts';
import type { ChatMessage } from '../lib/domain/message.ts';
import { formatClock } from '../lib/domain/utc.ts';
import { context, message, section } from './blocks.ts';
import { code, escapeText, md } from './text.ts';

/** Tells the owner that an authenticated body could not be understood. Never the body: nobody knows what is in it. */
export const renderQuarantine = (quarantine: Quarantine): ChatMessage => {
  // What a path without an integration is kept under: nobody wrote it.
  const isNamed = quarantine.integration !== 'default';
  const sender = isNamed ? `${quarantine.source}/${quarantine.integration}` : quarantine.source;
  return message(md`An alert from ${escapeText(sender, 120)} could not be understood. Nobody was alarmed by it.`, [
    section(
      md`*An alert from ${escapeText(sender, 120)} could not be understood*\nNo incident was opened for it. Look at the monitor itself now: something may be wrong.`,
    ),
    section(md`*Why* ${escapeText(quarantine.why, 200)}`),
    section(
      md`Then correct the webhook of the monitor: it must send ${escapeText(quarantine.source, 60)} alerts to /alerts/${escapeText(sender, 120)}. Send a test alert to see whether it is understood.`,
    ),
    context([
      md`Kept as it came: ${code(`STATE_DIR/quarantine/${quarantine.id}.body`)} · ${quarantine.bytes} bytes · ${escapeText(quarantine.contentType === '' ? 'no content type' : quarantine.contentType, 100)} · ${formatClock(quarantine.acceptedAt, null)}`,
    ]),
  ]);
};
