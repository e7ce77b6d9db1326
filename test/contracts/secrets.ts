import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Secrets } from '../../lib/ports/secrets.ts';
import { type Opened, present, times } from './opened.ts';
import { type PeerLacks, unlessLacking } from './peer-lacks.ts';

export type OpenedSecrets = Opened<Secrets> & {
  /** A secret with a current version and, unless null, another one labelled STANDBY, as the owner of the keys provides them. */
  readonly provide: (
    secretId: string,
    values: { readonly current: string; readonly standby: string | null },
  ) => Promise<void>;
};

const ID = 'mistral/chat';
const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

export type SecretsLacks = PeerLacks<'refuses-label-in-use' | 'failure-changes-nothing' | 'counts-labels'>;

export const describeSecrets = (name: string, open: () => Promise<OpenedSecrets>, lacks: SecretsLacks = {}): void => {
  describe(`${name} keeps the contract of Secrets:`, () => {
    let opened: OpenedSecrets;
    let secrets: Secrets;
    let other: Secrets;
    beforeEach(async () => {
      opened = await open();
      secrets = opened.port;
      other = opened.other;
    });
    afterEach(async () => opened.close());

    const provideBoth = async (): Promise<{ from: string; to: string }> => {
      await opened.provide(ID, { current: 'test-key-current', standby: 'test-key-standby' });
      const labels = present(await secrets.labels(ID));
      return { from: present(labels.get(CURRENT)), to: present(labels.get('STANDBY')) };
    };
    const labelsNow = async (): Promise<Record<string, string>> => Object.fromEntries(present(await other.labels(ID)));

    it('a secret that is not there has no labels and no value', async () => {
      expect(await secrets.labels('nowhere')).toBeNull();
      expect(await secrets.value('nowhere', { label: CURRENT })).toBeNull();
      expect(await secrets.value('nowhere', { versionId: '00000000-0000-4000-8000-000000000000' })).toBeNull();
    });

    it('a provided secret has its two versions, each under its label and under its id', async () => {
      const { from, to } = await provideBoth();
      expect(from).not.toBe(to);
      expect(await labelsNow()).toEqual({ [CURRENT]: from, STANDBY: to });
      expect(await other.value(ID, { label: CURRENT })).toBe('test-key-current');
      expect(await other.value(ID, { label: 'STANDBY' })).toBe('test-key-standby');
      expect(await other.value(ID, { versionId: from })).toBe('test-key-current');
      expect(await other.value(ID, { versionId: to })).toBe('test-key-standby');
      expect(await other.value(ID, { label: PREVIOUS })).toBeNull();
    });

    it('moving AWSCURRENT puts AWSPREVIOUS on the version it leaves, and back again', async () => {
      const { from, to } = await provideBoth();
      expect(await secrets.move(ID, CURRENT, from, to)).toBe(true);
      expect(await labelsNow()).toEqual({ [CURRENT]: to, [PREVIOUS]: from, STANDBY: to });
      expect(await other.value(ID, { label: CURRENT })).toBe('test-key-standby');
      expect(await secrets.move(ID, CURRENT, to, from)).toBe(true);
      expect(await labelsNow()).toEqual({ [CURRENT]: from, [PREVIOUS]: to, STANDBY: to });
    });

    it('a label that is not where the caller believes stays where it is', async () => {
      const { from, to } = await provideBoth();
      expect(await secrets.move(ID, CURRENT, to, from)).toBe(false);
      expect(await secrets.move(ID, CURRENT, null, to)).toBe(false);
      expect(await secrets.move(ID, 'STANDBY', from, null)).toBe(false);
      expect(await secrets.move(ID, 'HELD-LSE-1', from, to)).toBe(false);
      expect(await secrets.move(ID, 'HELD-LSE-1', from, null)).toBe(false);
      expect(await labelsNow()).toEqual({ [CURRENT]: from, STANDBY: to });
    });

    unlessLacking(lacks, 'refuses-label-in-use')('a label that lies somewhere is not put on elsewhere', async () => {
      const { from, to } = await provideBoth();
      expect(await secrets.move(ID, 'STANDBY', null, from)).toBe(false);
      expect(await labelsNow()).toEqual({ [CURRENT]: from, STANDBY: to });
    });

    it('a label of our own is put on, moved and taken off, and moves no other', async () => {
      const { from, to } = await provideBoth();
      expect(await secrets.move(ID, 'HELD-LSE-1', null, from)).toBe(true);
      expect(await labelsNow()).toEqual({ [CURRENT]: from, STANDBY: to, 'HELD-LSE-1': from });
      expect(await other.move(ID, 'HELD-LSE-1', from, to)).toBe(true);
      expect(await secrets.value(ID, { label: 'HELD-LSE-1' })).toBe('test-key-standby');
      expect(await secrets.move(ID, 'HELD-LSE-1', to, null)).toBe(true);
      expect(await secrets.move(ID, 'STANDBY', to, null)).toBe(true);
      expect(await labelsNow()).toEqual({ [CURRENT]: from });
    });

    it('AWSCURRENT cannot be taken off', async () => {
      const { from, to } = await provideBoth();
      await expect(secrets.move(ID, CURRENT, from, null)).rejects.toThrow();
      expect(await labelsNow()).toEqual({ [CURRENT]: from, STANDBY: to });
    });

    it('no label goes to a version that is not there', async () => {
      const { from, to } = await provideBoth();
      const nowhere = '00000000-0000-4000-8000-000000000000';
      await expect(secrets.move(ID, 'HELD-LSE-1', null, nowhere)).rejects.toThrow();
      await expect(secrets.move('nowhere', 'STANDBY', null, from)).rejects.toThrow();
      expect(await labelsNow()).toEqual({ [CURRENT]: from, STANDBY: to });
    });

    unlessLacking(lacks, 'failure-changes-nothing')('AWSCURRENT stays when it cannot go where it should', async () => {
      const { from, to } = await provideBoth();
      const nowhere = '00000000-0000-4000-8000-000000000000';
      await expect(secrets.move(ID, CURRENT, from, nowhere)).rejects.toThrow();
      expect(await labelsNow()).toEqual({ [CURRENT]: from, STANDBY: to });
    });

    unlessLacking(lacks, 'counts-labels')('the versions of a secret have at most 20 labels in all', async () => {
      const { from, to } = await provideBoth();
      const places = times(18, (n) => (n % 2 === 0 ? from : to));
      for (const [i, place] of places.entries()) expect(await secrets.move(ID, `HELD-${i}`, null, place)).toBe(true);
      await expect(secrets.move(ID, 'HELD-18', null, from)).rejects.toMatchObject({ retryable: false });
      expect(Object.keys(await labelsNow())).toHaveLength(20);
      expect(await secrets.move(ID, 'HELD-0', from, to)).toBe(true);
      expect(await secrets.move(ID, 'HELD-0', to, null)).toBe(true);
      expect(await secrets.move(ID, 'HELD-18', null, from)).toBe(true);
    });

    it('of 50 who move AWSCURRENT at once exactly one does', async () => {
      const { from, to } = await provideBoth();
      const moved = await Promise.all(times(50, (i) => (i % 2 === 0 ? secrets : other).move(ID, CURRENT, from, to)));
      expect(moved.filter(Boolean)).toHaveLength(1);
      expect(await labelsNow()).toEqual({ [CURRENT]: to, [PREVIOUS]: from, STANDBY: to });
    });

    it('secrets do not see each other', async () => {
      await provideBoth();
      await opened.provide('mistral/other', { current: 'test-key-other', standby: null });
      expect(await secrets.value('mistral/other', { label: CURRENT })).toBe('test-key-other');
      expect(await secrets.value('mistral/other', { label: 'STANDBY' })).toBeNull();
      expect(await secrets.value(ID, { label: CURRENT })).toBe('test-key-current');
    });

    unlessLacking(lacks, 'failure-changes-nothing')('no label goes to a version of another secret', async () => {
      await provideBoth();
      await opened.provide('mistral/other', { current: 'test-key-other', standby: null });
      const { from, to } = { from: (await labelsNow())[CURRENT], to: (await labelsNow())['STANDBY'] };
      const elsewhere = present(await secrets.labels('mistral/other')).get(CURRENT);
      await expect(secrets.move(ID, CURRENT, present(from), present(elsewhere))).rejects.toThrow();
      expect(await labelsNow()).toEqual({ [CURRENT]: from, STANDBY: to });
      expect(await secrets.value('mistral/other', { label: CURRENT })).toBe('test-key-other');
    });
  });
};
