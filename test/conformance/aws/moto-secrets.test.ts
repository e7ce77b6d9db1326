import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSecrets } from '../../../lib/adapters/aws/secrets.ts';
import type { Secrets } from '../../../lib/ports/secrets.ts';
import { stubAws } from '../../adapters/aws/stub-aws.ts';
import { describeSecrets, type OpenedSecrets, type SecretsLacks } from '../../contracts/secrets.ts';
import { type Moto, openMoto, skipsMoto } from './moto.ts';

/** moto 5.2.5. AWS does it as the embedded secrets do, where these tests run. */
const LACKS: SecretsLacks = {
  'refuses-label-in-use': 'moto puts the label on both versions, AWS wants to be told where it lies',
  'failure-changes-nothing': 'moto takes the label off before it finds that the version is not there',
  'counts-labels': 'moto knows no limit of labels',
};

describe.skipIf(skipsMoto)('Secrets Manager of moto', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await openMoto();
    stubAws(moto.url);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto.close();
  });

  /** As the owner of the keys does it: `aws secretsmanager create-secret`, and `put-secret-value --version-stages STANDBY`. */
  const provide: OpenedSecrets['provide'] = async (secretId, { current, standby }) => {
    const owner = new SecretsManagerClient({});
    await owner.send(new CreateSecretCommand({ Name: secretId, SecretString: current }));
    if (standby === null) return;
    await owner.send(
      new PutSecretValueCommand({ SecretId: secretId, SecretString: standby, VersionStages: ['STANDBY'] }),
    );
  };

  const open = async (): Promise<OpenedSecrets> => {
    await moto.reset();
    return { port: createSecrets(), other: createSecrets(), provide, close: () => Promise.resolve() };
  };

  describeSecrets('Secrets Manager', open, LACKS);

  describe('as the owner of the keys leaves it', () => {
    let secrets: Secrets;
    const owner = (): SecretsManagerClient => new SecretsManagerClient({});
    beforeAll(async () => {
      ({ port: secrets } = await open());
      await provide('mistral', { current: 'test-key-current', standby: 'test-key-standby' });
    });

    it('a standby key provided again takes the label and leaves the current key alone', async () => {
      const before = await secrets.labels('mistral');
      await owner().send(
        new PutSecretValueCommand({ SecretId: 'mistral', SecretString: 'test-key-later', VersionStages: ['STANDBY'] }),
      );
      const after = await secrets.labels('mistral');
      expect(after?.get('AWSCURRENT')).toBe(before?.get('AWSCURRENT'));
      expect(after?.get('STANDBY')).not.toBe(before?.get('STANDBY'));
      expect(await secrets.value('mistral', { label: 'STANDBY' })).toBe('test-key-later');
    });

    it('a token that is used again for another value is refused', async () => {
      const token = '11111111-1111-4111-8111-111111111111';
      const put = (text: string) =>
        owner().send(
          new PutSecretValueCommand({
            SecretId: 'mistral',
            SecretString: text,
            ClientRequestToken: token,
            VersionStages: ['ONCE'],
          }),
        );
      await put('test-key-one');
      await put('test-key-one');
      await expect(put('test-key-two')).rejects.toThrow(expect.objectContaining({ name: 'ResourceExistsException' }));
      expect(await secrets.value('mistral', { versionId: token })).toBe('test-key-one');
    });

    it('a binary value is told, not turned into text', async () => {
      await owner().send(
        new PutSecretValueCommand({
          SecretId: 'mistral',
          SecretBinary: new Uint8Array([1, 2]),
          VersionStages: ['BINARY'],
        }),
      );
      await expect(secrets.value('mistral', { label: 'BINARY' })).rejects.toMatchObject({
        failure: 'unreadable',
        message: expect.stringContaining('SecretIsBinary') as unknown,
      });
    });

    it('a secret that is marked for deletion is refused, and says so', async () => {
      await owner().send(new DeleteSecretCommand({ SecretId: 'mistral' }));
      await expect(secrets.labels('mistral')).rejects.toMatchObject({
        failure: 'refused',
        message: expect.stringContaining('SecretMarkedForDeletion') as unknown,
      });
      await expect(secrets.value('mistral', { label: 'AWSCURRENT' })).rejects.toMatchObject({ failure: 'refused' });
    });
  });
});
