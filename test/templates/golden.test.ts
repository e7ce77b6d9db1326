import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleMessages } from '../../lib/local/preview-messages.ts';
import { validateBlocks } from '../../lib/local/slack/validate-blocks.ts';
import { LIMITS } from '../../templates/limits.ts';
import { goldenText } from '../golden.ts';

const messages = Object.entries(sampleMessages());

describe('every message in every state', () => {
  it.each(messages)('%s is what a human has looked at', (name, message) => {
    const actual = `${JSON.stringify(message, null, 2)}\n`;
    expect(actual).toBe(goldenText(`messages/${name}.json`, actual));
  });

  it.each(messages)('%s is accepted by Slack', (_name, message) => {
    expect(validateBlocks(message.blocks, 'message')).toEqual([]);
    expect(message.text.length).toBeGreaterThan(0);
    expect(message.text.length).toBeLessThanOrEqual(LIMITS.recommendedText);
  });

  it('leaves no golden file behind that no message has', () => {
    const files = readdirSync(join(import.meta.dirname, '../golden/messages')).toSorted();
    expect(files).toEqual(messages.map(([name]) => `${name}.json`).toSorted());
  });
});
