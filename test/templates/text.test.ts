import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, plainText } from '../../lib/domain/plain-text.ts';
import { code, cutMrkdwn, escapeText, joinText, link, md, mention, quietText, sentence } from '../../templates/text.ts';

describe('somebody else’s text', () => {
  it.each([
    ['<!channel> & <@U123>', '&lt;!channel&gt; &amp; &lt;@U123&gt;'],
    ['<https://evil.example|https://good.example>', '&lt;https[:]//evil.example|https[:]//good.example&gt;'],
    ['*bold* _slanted_ ~gone~ `code`', '∗bold∗ ˍslantedˍ ∼gone∼ ˋcodeˋ'],
    ['node_exporter_down', 'node_exporter_down'],
    ['> quoted > twice', '› quoted &gt; twice'],
    ['line\nbreak\r\n\ttab', 'line break tab'],
    ['left\u202eright\u200b\u2066', 'leftright'],
    ['@here @channel @everyone bob@example.com', '＠here ＠channel ＠everyone bob@example.com'],
    ['redis:b:c at 10:07:49', 'redis∶b:c at 10:07:49'],
    ['a\u0301\u0301\u0301\u0301\u0301b', 'a\u0301\u0301b'],
    ['\ud800lone', '\ufffdlone'],
    ['\u3164\u2800', ''],
  ])('%j reads as %j', (text, expected) => {
    expect(escapeText(text).mrkdwn).toBe(expected);
  });

  it('is cut with an ellipsis and never through a surrogate pair', () => {
    expect(clip('abcdef', 4)).toBe('abc…');
    expect(clip('ab😱cd', 4)).toBe('ab…');
    expect(plainText('x'.repeat(5_000), 150)).toHaveLength(150);
  });

  it('can neither call people nor make links, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const { mrkdwn } = escapeText(text, 400);
        expect(mrkdwn).not.toMatch(/[<>]|:\/\/|[*~`\n\u202a-\u202e\u200b]/);
        expect(mrkdwn).not.toMatch(/@(here|channel|everyone)\b/i);
        expect(mrkdwn.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
      }),
    );
  });

  it('stays within its bound after an address was broken up', () => {
    expect(quietText('://'.repeat(200), 90).length).toBeLessThanOrEqual(90);
  });
});

describe('our own markup', () => {
  it('escapes strings that are put in and keeps markup that is put in', () => {
    expect(md`*Who*: ${mention('U0MAYA')}, ${'<!here>'}, ${3}`.mrkdwn).toBe('*Who*: <@U0MAYA>, &lt;!here&gt;, 3');
  });

  it('mentions only what is a Slack id', () => {
    expect(mention('mistral-triage').mrkdwn).toBe('mistral-triage');
    expect(mention('U1> <!channel').mrkdwn).toBe('U1&gt; &lt;!channel');
  });

  it('leaves out what is empty when it joins', () => {
    expect(joinText([md`a`, md``, md`b`], ' · ').mrkdwn).toBe('a · b');
  });

  it.each([
    ['https://prometheus.example/graph?a=1&b=2', '<https://prometheus.example/graph?a=1&amp;b=2|graph>'],
    ['https://x.example/a|b>c', '<https://x.example/a%7Cb%3Ec|graph>'],
    ['javascript:alert(1)', ''],
    ['https://user:word@x.example/', ''],
    ['not an address', ''],
    [`https://x.example/${'a'.repeat(600)}`, ''],
  ])('links %s', (url, expected) => {
    expect(link(url, 'graph').mrkdwn).toBe(expected);
  });

  it('keeps a command as it is to be copied', () => {
    expect(code('aws x --arn arn:aws:secretsmanager:eu --secret-string file://FILE').mrkdwn).toBe(
      '`aws x --arn arn:aws:secretsmanager:eu --secret-string file://FILE`',
    );
    expect(code('a`b https://x').mrkdwn).toBe("`a'b https[:]//x`");
  });
});

describe('a stored sentence', () => {
  it.each([
    ['Acknowledged by <@U0MAYA>.', 'Acknowledged by <@U0MAYA>.'],
    ['<@U0MAYA> is the commander, assigned by <@U0SAM>.', '<@U0MAYA> is the commander, assigned by <@U0SAM>.'],
    ['Alert firing: <@U0SAM> is down', 'Alert firing: &lt;@U0SAM&gt; is down'],
    ['Alert firing: <!channel>', 'Alert firing: &lt;!channel&gt;'],
    [
      'Resolved by <@U0MAYA>: <https://evil.example|log in>',
      'Resolved by <@U0MAYA>: &lt;https[:]//evil.example|log in&gt;',
    ],
    ['Run `aws x --file file://FILE`, then delete it.', 'Run `aws x --file file://FILE`, then delete it.'],
    ['<!subteam^S1> and <#C1>', '&lt;!subteam^S1&gt; and &lt;#C1&gt;'],
  ])('%j is told as %j', (stored, told) => {
    expect(sentence(stored).mrkdwn).toBe(told);
  });

  it('mentions nobody whom a title names', () => {
    expect(sentence('Service <@U0SAM> is well.', { untrusted: ['<@U0SAM>'] }).mrkdwn).toBe(
      'Service &lt;@U0SAM&gt; is well.',
    );
  });

  it('makes no code of back-ticks when a title has one', () => {
    expect(sentence('Alert firing: `x` y', { untrusted: ['`x` y'] }).mrkdwn).toBe('Alert firing: ˋxˋ y');
  });

  it('mentions only its first word where that is asked', () => {
    expect(sentence('<@U0SAM> was first, not <@U0MAYA>.', { mentions: 'leading' }).mrkdwn).toBe(
      '<@U0SAM> was first, not &lt;@U0MAYA&gt;.',
    );
    expect(sentence('2 alerts (<@U0SAM>) fire.', { mentions: 'leading' }).mrkdwn).toBe(
      '2 alerts (&lt;@U0SAM&gt;) fire.',
    );
  });
});

describe('cutting markup', () => {
  it.each([
    ['aaaa<@U0MAYA> bbbb', 10, 'aaaa…'],
    ['aaaa&amp;bbbb', 8, 'aaaa…'],
    ['aaaaaa😱bb', 8, 'aaaaaa…'],
    ['short', 8, 'short'],
  ])('%j at %i is %j', (text, max, expected) => {
    expect(cutMrkdwn(text, max)).toBe(expected);
  });
});
