import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../lib/domain/command.ts';

const ID = 'INC-261120-K3F9Q2MT';

describe('the slash command', () => {
  it.each([
    ['', { verb: 'triage', service: null }],
    ['   ', { verb: 'triage', service: null }],
    ['triage billing', { verb: 'triage', service: 'billing' }],
    ['help', { verb: 'help' }],
    ['STATUS', { verb: 'status' }],
    ['ack', { verb: 'ack', incidentId: null }],
    [`ack ${ID}`, { verb: 'ack', incidentId: ID }],
    [`ack ${ID.toLowerCase()}`, { verb: 'ack', incidentId: ID }],
    ['unack', { verb: 'unack', incidentId: null }],
    ['assign <@U0NOAH|noah>', { verb: 'assign', incidentId: null, user: 'U0NOAH' }],
    [`assign ${ID} <@U0NOAH>`, { verb: 'assign', incidentId: ID, user: 'U0NOAH' }],
    ['assign', { verb: 'assign', incidentId: null, user: null }],
    ['severity p2', { verb: 'severity', incidentId: null, severity: 'P2' }],
    ['update we &lt;3 &amp;amp; this', { verb: 'update', incidentId: null, text: 'we <3 &amp; this' }],
    [`update  ${ID}  one:\n  two\n\nthree `, { verb: 'update', incidentId: ID, text: 'one:\n  two\n\nthree' }],
    [`update ${ID} on it`, { verb: 'update', incidentId: ID, text: 'on it' }],
    [`update see ${ID} for more`, { verb: 'update', incidentId: null, text: `see ${ID} for more` }],
    ['fallback on', { verb: 'fallback-on', incidentId: null }],
    ['fallback OFF', { verb: 'fallback-off', incidentId: null }],
    ['rotate-key', { verb: 'rotate-key', incidentId: null }],
    ['evidence', { verb: 'evidence', incidentId: null }],
    ['postmortem', { verb: 'postmortem', incidentId: null }],
    ['reopen', { verb: 'reopen', incidentId: null }],
    ['resolve', { verb: 'resolve', incidentId: null, anyway: false }],
    [`resolve anyway ${ID}`, { verb: 'resolve', incidentId: ID, anyway: true }],
    [`resolve ${ID} anyway`, { verb: 'resolve', incidentId: ID, anyway: true }],
  ])('reads "%s"', (text, command) => {
    expect(readCommand(text)).toEqual(command);
  });

  it.each([
    ['severity P9', 'P1, P2, P3 or P4'],
    ['update', 'TEXT'],
    ['fallback maybe', 'fallback on'],
    ['rotate', 'help'],
    ['ack INC-261120-ZZZ', 'INC-261120-ZZZ'],
    ['resolve INC-261120-TYPO anyway', 'INC-261120-TYPO'],
    ['update INC-261120-TYPO on it', 'INC-261120-TYPO'],
    ['assign @noah', 'choose the person'],
    [`assign ${ID} noah`, 'choose the person'],
    ['assign <@U0NOAH> <@U0MAYA>', 'choose the person'],
  ])('answers "%s" with what would be right', (text, hint) => {
    const command = readCommand(text);
    expect(command.verb).toBe('wrong');
    expect('why' in command && command.why).toContain(hint);
  });

  it('has an answer to any text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => typeof readCommand(text).verb === 'string'));
  });
});
