import { describe, expect, it } from 'vitest';
import { validateBlocks } from '../../lib/local/slack/validate-blocks.ts';
import { actions, type Block, context, divider, fields, header, message, section } from '../../templates/blocks.ts';
import { LIMITS } from '../../templates/limits.ts';
import { escapeText, md } from '../../templates/text.ts';

const LONG = 'word '.repeat(2_000);
const long = escapeText(LONG, 10_000);
const button = {
  text: LONG,
  actionId: 'incident.acknowledge',
  value: LONG,
  confirm: { title: LONG, text: LONG, yes: LONG, no: LONG },
};
const many = <T>(item: T, count: number): readonly T[] => Array.from({ length: count }, () => item);

describe('a block', () => {
  it.each<readonly [string, Block | readonly Block[]]>([
    ['header', header(LONG)],
    ['section', section(long)],
    ['fields', fields(many(long, 40))],
    ['context', context(many(long, 40))],
    ['buttons', actions(Array.from({ length: 40 }, (_, index) => ({ ...button, actionId: `a.${index}` })))],
    ['empty header', header('')],
    ['empty section', section(md``)],
    ['empty button', actions([{ ...button, text: '\u200b' }])],
  ])('%s is within the limits whatever is put in', (_name, block) => {
    expect(validateBlocks([block].flat(), 'message')).toEqual([]);
  });

  it('is none where there is no button', () => {
    expect(actions([])).toEqual([]);
  });

  it('tells Slack to make no links and no mentions of its own', () => {
    expect(section(md`x`)['text']).toEqual({ type: 'mrkdwn', text: 'x', verbatim: true });
  });
});

describe('a message', () => {
  it('has at most as many blocks and as much text as Slack takes', () => {
    const { blocks, text } = message(long, many(divider(), 80));
    expect(blocks).toHaveLength(LIMITS.messageBlocks);
    expect(text.length).toBeLessThanOrEqual(LIMITS.recommendedText);
    expect(text.endsWith('…')).toBe(true);
  });
});
