import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Checked, resolveChecked } from '../../lib/adapters/forbidden-addresses.ts';

const leadingTo = (addresses: readonly string[], allowPrivate = false): Promise<Checked> =>
  resolveChecked('service.invalid', {
    resolveName: () => Promise.resolve(addresses.map((address) => ({ address, family: isIP(address) }))),
    allowPrivate,
  });

describe('a name that leads to an address of a cloud that only its inside sees', () => {
  it.each([
    [
      'as it is',
      ['169.254.169.254', '100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254'],
    ],
    ['mapped', ['::ffff:a9fe:a9fe', '::ffff:6464:64c8', '::ffff:c000:c0', '::ffff:a83f:8110']],
    ['compatible', ['::a9fe:a9fe', '::6464:64c8', '::c000:c0', '::a83f:8110']],
    ['translated', ['::ffff:0:a9fe:a9fe', '::ffff:0:6464:64c8', '::ffff:0:c000:c0', '::ffff:0:a83f:8110']],
    ['behind NAT64', ['64:ff9b::a9fe:a9fe', '64:ff9b::6464:64c8', '64:ff9b::c000:c0', '64:ff9b::a83f:8110']],
    ['behind a NAT64 of its own', ['64:ff9b:1::a9fe:a9fe', '64:ff9b:1::6464:64c8', '64:ff9b:1::a83f:8110']],
    ['in 6to4', ['2002:a9fe::', '2002:a9fe:a9fe::1', '2002:6464:64c8::', '2002:c000:c0::9', '2002:a83f:8110::']],
  ])('%s is refused whatever is configured', async (_form, addresses) => {
    for (const address of addresses)
      expect([address, await leadingTo([address], true)]).toEqual([address, { refused: 'forbidden' }]);
  });
});

describe('a name that leads to a private address', () => {
  it.each([
    ['10.1.2.3', '0a01:0203'],
    ['0.1.2.3', '0001:0203'],
    ['100.64.0.1', '6440:0001'],
    ['127.0.0.1', '7f00:0001'],
    ['172.31.255.1', 'ac1f:ff01'],
    ['192.168.1.1', 'c0a8:0101'],
    ['198.19.0.1', 'c613:0001'],
    ['239.1.1.1', 'ef01:0101'],
  ])('%s is refused however it is written, unless that is configured', async (plain, digits) => {
    const forms = ['::ffff:', '::ffff:0:', '64:ff9b::', '64:ff9b:1::'].map((start) => start + digits);
    for (const address of [plain, ...forms, `2002:${digits}::1`]) {
      expect([address, await leadingTo([address])]).toEqual([address, { refused: 'private' }]);
      expect(await leadingTo([address], true)).toMatchObject({ addresses: [{ address }] });
    }
  });

  it.each([
    ['1.1.1.1', '10.0.0.1'],
    ['10.0.0.1', '1.1.1.1'],
  ])('beside a public one is refused (%s, %s)', async (...addresses) => {
    expect(await leadingTo(addresses)).toEqual({ refused: 'private' });
  });
});

it.each([
  '1.1.1.1',
  '100.128.0.1',
  '168.63.129.17',
  '172.32.0.1',
  '198.20.0.1',
  '2606:4700::1111',
  '64:ff9b::101:101',
  '2002:101:101::1',
])('a name that leads to the public %s is asked there', async (address) => {
  expect(await leadingTo([address])).toMatchObject({ addresses: [{ address }] });
});
