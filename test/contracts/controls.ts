import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ControlProjection } from '../../lib/ports/controls.ts';
import { type Opened, present, times } from './opened.ts';

export const describeControls = (name: string, open: () => Promise<Opened<ControlProjection>>): void => {
  describe(`${name} keeps the contract of ControlProjection:`, () => {
    let opened: Opened<ControlProjection>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    it('there is nothing before the first', async () => {
      expect(await opened.port.current('production', 'chat')).toBeNull();
    });

    it('what is published is current, everywhere, until the next', async () => {
      for (const text of ['{"version":1,"fallback":true}', '{"version":2}', '{"version":3,"model":"ü 🚀"}']) {
        await opened.port.publish('production', 'chat', text);
        expect(await opened.other.current('production', 'chat')).toBe(text);
      }
    });

    it('services and environments do not see each other', async () => {
      await opened.port.publish('production', 'chat', 'one');
      await opened.port.publish('staging', 'chat', 'two');
      await opened.port.publish('production', '_search.v2-b', 'three');
      expect(await opened.port.current('production', 'chat')).toBe('one');
      expect(await opened.port.current('staging', 'search')).toBeNull();
    });

    it('readers see a whole text while it is replaced', async () => {
      const texts = times(20, (i) => JSON.stringify({ version: i, model: 'm'.repeat(3000) }));
      await opened.port.publish('production', 'chat', present(texts[0]));
      const reads = times(40, () => opened.other.current('production', 'chat'));
      const writes = texts.map((text) => opened.port.publish('production', 'chat', text));
      for (const read of await Promise.all(reads)) expect(texts).toContain(read);
      await Promise.all(writes);
    });

    it.each([
      ['../production', 'chat'],
      ['production', '../chat'],
      ['', 'chat'],
      ['production', ''],
    ])('names that lead elsewhere are refused: %j %j', async (environment, service) => {
      await expect(opened.port.publish(environment, service, '{}')).rejects.toThrow();
    });
  });
};
