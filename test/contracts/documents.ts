import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Documents } from '../../lib/ports/documents.ts';
import { type Opened, present, times } from './opened.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | null): string => new TextDecoder().decode(present(value));

export const describeDocuments = (name: string, open: () => Promise<Opened<Documents>>): void => {
  describe(`${name} keeps the contract of Documents:`, () => {
    let opened: Opened<Documents>;
    let documents: Documents;
    beforeEach(async () => {
      opened = await open();
      documents = opened.port;
    });
    afterEach(async () => opened.close());

    it('what was never put is null', async () => {
      expect(await documents.get('evidence/INC-1/manifest.json')).toBeNull();
    });

    it.each([
      ['nothing', new Uint8Array()],
      ['every byte', Uint8Array.from(times(256, (i) => i))],
      ['two megabytes', new Uint8Array(2_000_000).fill(7)],
    ])('%s comes back as it was put', async (_what, content) => {
      const place = await documents.put('evidence/INC-261120-K3F9Q2MT/manifest.json', content);
      expect(place).toContain('INC-261120-K3F9Q2MT');
      expect(
        Buffer.from(present(await opened.other.get('evidence/INC-261120-K3F9Q2MT/manifest.json'))).equals(content),
      ).toBe(true);
    });

    it('the same name again replaces it, shorter or longer', async () => {
      for (const content of ['a longer text', 'short', 'the longest text of all']) {
        await documents.put('a.md', bytes(content));
        expect(text(await opened.other.get('a.md'))).toBe(content);
      }
    });

    it('of many puts of one name at once one stands whole', async () => {
      const contents = times(20, (i) => String(i).repeat(50_000));
      await Promise.all(
        contents.map((content, i) => (i % 2 === 0 ? documents : opened.other).put('race.txt', bytes(content))),
      );
      expect(contents).toContain(text(await documents.get('race.txt')));
    });

    it.each([
      '',
      '/etc/passwd',
      '../a',
      'a/../b',
      'a/..',
      '..',
      '.',
      './a',
      'a//b',
      'a/',
      '.hidden',
      'a/.hidden',
      'a\\b',
      'a\0b',
      'ä',
      'a b',
      'a:b',
      'x'.repeat(300),
    ])('the name %j is refused', async (bad) => {
      await expect(documents.put(bad, bytes('x'))).rejects.toThrow(/name/);
      await expect(documents.get(bad)).rejects.toThrow(/name/);
    });
  });
};
