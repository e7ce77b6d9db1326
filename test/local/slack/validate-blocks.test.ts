import { describe, expect, it } from 'vitest';
import { validateBlocks } from '../../../lib/local/slack/validate-blocks.ts';
import { validateView } from '../../../lib/local/slack/validate-view.ts';
import { LIMITS } from '../../../templates/limits.ts';
import { actions, button, plain } from './open.ts';

const md = (text: string) => ({ type: 'mrkdwn', text });
const x = (length: number): string => 'x'.repeat(length);
const times = <Item>(count: number, make: (index: number) => Item): readonly Item[] =>
  Array.from({ length: count }, (_unused, index) => make(index));
const section = (text: unknown) => ({ type: 'section', text });
const confirm = { title: plain('t'), text: md('t'), confirm: plain('y'), deny: plain('n') };
const option = (value: string) => ({ text: plain(value), value });
const inActions = (element: unknown) => ({ type: 'actions', elements: [element] });

/** One that is just allowed, one that is just not, and where the complaint must point. */
const EDGES: readonly (readonly [string, readonly unknown[], readonly unknown[], string])[] = [
  [
    'blocks',
    times(LIMITS.messageBlocks, () => ({ type: 'divider' })),
    times(LIMITS.messageBlocks + 1, () => ({ type: 'divider' })),
    '/blocks',
  ],
  [
    'header',
    [{ type: 'header', text: plain(x(150)) }],
    [{ type: 'header', text: plain(x(151)) }],
    '/blocks/0/text/text',
  ],
  ['header markup', [{ type: 'header', text: plain('a') }], [{ type: 'header', text: md('a') }], '/blocks/0/text/type'],
  ['empty text', [section(md('a'))], [section(md(''))], '/blocks/0/text/text'],
  ['section text', [section(md(x(3_000)))], [section(md(x(3_001)))], '/blocks/0/text/text'],
  ['section without anything', [section(md('a'))], [{ type: 'section' }], '/blocks/0'],
  [
    'fields',
    [{ type: 'section', fields: times(10, () => md('a')) }],
    [{ type: 'section', fields: times(11, () => md('a')) }],
    '/blocks/0/fields',
  ],
  [
    'field text',
    [{ type: 'section', fields: [md(x(2_000))] }],
    [{ type: 'section', fields: [md(x(2_001))] }],
    '/blocks/0/fields/0/text',
  ],
  ['actions', [actions(...times(25, String))], [actions(...times(26, String))], '/blocks/0/elements'],
  ['empty actions', [actions('a')], [actions()], '/blocks/0/elements'],
  [
    'context',
    [{ type: 'context', elements: times(10, () => md('a')) }],
    [{ type: 'context', elements: times(11, () => md('a')) }],
    '/blocks/0/elements',
  ],
  [
    'button text',
    [inActions({ ...button('a'), text: plain(x(75)) })],
    [inActions({ ...button('a'), text: plain(x(76)) })],
    '/blocks/0/elements/0/text/text',
  ],
  [
    'button value',
    [inActions(button('a', x(2_000)))],
    [inActions(button('a', x(2_001)))],
    '/blocks/0/elements/0/value',
  ],
  [
    'button url',
    [inActions({ ...button('a'), url: x(3_000) })],
    [inActions({ ...button('a'), url: x(3_001) })],
    '/blocks/0/elements/0/url',
  ],
  [
    'button style',
    [inActions({ ...button('a'), style: 'danger' })],
    [inActions({ ...button('a'), style: 'red' })],
    '/blocks/0/elements/0/style',
  ],
  [
    'action id',
    [inActions({ ...button('a'), action_id: x(255) })],
    [inActions({ ...button('a'), action_id: x(256) })],
    '/blocks/0/elements/0/action_id',
  ],
  ['block id', [{ type: 'divider', block_id: x(255) }], [{ type: 'divider', block_id: x(256) }], '/blocks/0/block_id'],
  [
    'confirm title',
    [inActions({ ...button('a'), confirm: { ...confirm, title: plain(x(100)) } })],
    [inActions({ ...button('a'), confirm: { ...confirm, title: plain(x(101)) } })],
    '/blocks/0/elements/0/confirm/title/text',
  ],
  [
    'confirm text',
    [inActions({ ...button('a'), confirm: { ...confirm, text: md(x(300)) } })],
    [inActions({ ...button('a'), confirm: { ...confirm, text: md(x(301)) } })],
    '/blocks/0/elements/0/confirm/text/text',
  ],
  [
    'confirm button',
    [inActions({ ...button('a'), confirm: { ...confirm, deny: plain(x(30)) } })],
    [inActions({ ...button('a'), confirm: { ...confirm, deny: plain(x(31)) } })],
    '/blocks/0/elements/0/confirm/deny/text',
  ],
  [
    'a part of a confirm',
    [inActions({ ...button('a'), confirm })],
    [inActions({ ...button('a'), confirm: { ...confirm, deny: undefined } })],
    '/blocks/0/elements/0/confirm',
  ],
  ['unknown block', [{ type: 'divider' }], [{ type: 'marquee' }], '/blocks/0/type'],
  ['a type named as a builtin', [{ type: 'divider' }], [{ type: 'constructor' }], '/blocks/0/type'],
  ['unknown element', [inActions(button('a'))], [inActions({ type: 'blink' })], '/blocks/0/elements/0/type'],
  ['unknown member', [{ type: 'divider' }], [{ type: 'divider', colour: 'red' }], '/blocks/0'],
  ['no object', [{ type: 'divider' }], ['divider'], '/blocks/0'],
  [
    'option text',
    [inActions({ type: 'static_select', options: [{ ...option('a'), text: plain(x(75)) }] })],
    [inActions({ type: 'static_select', options: [{ ...option('a'), text: plain(x(76)) }] })],
    '/blocks/0/elements/0/options/0/text/text',
  ],
  [
    'options',
    [inActions({ type: 'static_select', options: times(100, (index) => option(`${index}`)) })],
    [inActions({ type: 'static_select', options: times(101, (index) => option(`${index}`)) })],
    '/blocks/0/elements/0/options',
  ],
  [
    'a menu without options',
    [inActions({ type: 'static_select', options: [option('a')] })],
    [inActions({ type: 'static_select' })],
    '/blocks/0/elements/0',
  ],
  [
    'overflow',
    [inActions({ type: 'overflow', options: times(5, (index) => option(`${index}`)) })],
    [inActions({ type: 'overflow', options: times(6, (index) => option(`${index}`)) })],
    '/blocks/0/elements/0/options',
  ],
  [
    'markdown together',
    [
      { type: 'markdown', text: x(6_000) },
      { type: 'markdown', text: x(6_000) },
    ],
    [
      { type: 'markdown', text: x(6_000) },
      { type: 'markdown', text: x(6_001) },
    ],
    '/blocks',
  ],
  [
    'rich text',
    [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'a' }] }] }],
    [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'script', text: 'a' }] }] }],
    '/blocks/0/elements/0/elements/0/type',
  ],
  [
    'one table',
    [{ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] }],
    times(2, () => ({ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] })),
    '/blocks',
  ],
  [
    'an image without words',
    [{ type: 'image', image_url: 'https://a.example/b.png', alt_text: 'b' }],
    [{ type: 'image', image_url: 'https://a.example/b.png' }],
    '/blocks/0',
  ],
];

describe('blocks of a message', () => {
  it.each(EDGES)('%s: the edge passes, one more does not', (_name, good, bad, pointer) => {
    expect(validateBlocks(good, 'message')).toEqual([]);
    expect(validateBlocks(bad, 'message')).toContainEqual(expect.stringContaining(`[json-pointer:${pointer}]`));
  });

  it('need ids that are used once: a block_id in the message, an action_id in its block', () => {
    const twice = [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'a' },
    ];
    expect(validateBlocks(twice, 'message')).toEqual([
      '[ERROR] `block_id` "a" already exists [json-pointer:/blocks/1/block_id]',
    ]);
    expect(validateBlocks([actions('same', 'same')], 'message')).toEqual([
      '[ERROR] `action_id` "same" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ]);
    expect(
      validateBlocks(
        [
          { ...actions('same'), block_id: '1' },
          { ...actions('same'), block_id: '2' },
        ],
        'message',
      ),
    ).toEqual([]);
  });

  it.each([
    null,
    1,
    'text',
    {},
    [null],
    [[]],
    [{ type: null }],
    [{ type: 'section', text: [] }],
    [{ type: 'actions', elements: {} }],
  ])('of the shape %j are refused and never throw', (blocks) => {
    expect(validateBlocks(blocks, 'message').length).toBeGreaterThan(0);
  });
});

describe('a modal', () => {
  const input = { type: 'input', label: plain('Why'), element: { type: 'plain_text_input', action_id: 'a' } };
  const modal = { type: 'modal', title: plain('Title'), submit: plain('Send'), blocks: [input] };

  it.each([
    ['fits', modal, null],
    ['title of 24', { ...modal, title: plain(x(24)) }, null],
    ['title of 25', { ...modal, title: plain(x(25)) }, '/view/title/text'],
    ['metadata of 3001', { ...modal, private_metadata: x(3_001) }, '/view/private_metadata'],
    ['an input without a submit button', { ...modal, submit: undefined }, '/view/submit'],
    ['no blocks', { ...modal, blocks: [] }, '/view/blocks'],
    ['101 blocks', { ...modal, blocks: times(101, () => ({ type: 'divider' })) }, '/view/blocks'],
    ['100 blocks', { ...modal, blocks: times(100, () => ({ type: 'divider' })) }, null],
    ['a markdown block', { ...modal, blocks: [{ type: 'markdown', text: 'a' }] }, '/view/blocks/0/type'],
    ['a home tab', { ...modal, type: 'home' }, '/view/type'],
    ['nothing', null, '/view'],
  ])('%s', (_name, view, pointer) => {
    const problems = validateView(view);
    if (pointer === null) expect(problems).toEqual([]);
    else expect(problems).toContainEqual(expect.stringContaining(`[json-pointer:${pointer}]`));
  });
});
