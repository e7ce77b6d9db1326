import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { codeOfError } from './error-code.ts';

export type Address = { readonly address: string; readonly family: number };

/** A name to its addresses, as the system resolves it. Rejects when there are none. */
export type ResolveName = (name: string) => Promise<readonly Address[]>;

export const resolveBySystem: ResolveName = (name) => lookup(name, { all: true });

type Net = readonly [address: string, prefix: number];

/** Link-local; Alibaba, Oracle, Azure. */
const FORBIDDEN_IPV4: readonly Net[] = [
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
];

/** Link-local; all that AWS answers from inside (metadata, time, names); Google. */
const FORBIDDEN_IPV6: readonly Net[] = [
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['fd20:ce::254', 128],
];

const PRIVATE_IPV4: readonly Net[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
];

/** Unique local, unspecified and loopback with the rest of the IPv4-compatible ones, NAT64 of one's own (RFC 8215), site-local, multicast. */
const PRIVATE_IPV6: readonly Net[] = [
  ['fc00::', 7],
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['fec0::', 10],
  ['ff00::', 8],
];

/**
 * A net of IPv4 as it is written in IPv6: compatible, translated (RFC 2765), behind NAT64 and NAT64 of one's own, 6to4. The mapped form is
 * known to `BlockList`.
 */
const inIpv6 = ([address, prefix]: Net): readonly Net[] => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const digits = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  const before = ['::', '::ffff:0:', '64:ff9b::', '64:ff9b:1::'];
  return [...before.map((start): Net => [start + digits, 96 + prefix]), [`2002:${digits}::`, 16 + prefix]];
};

const createList = (ipv4: readonly Net[], ipv6: readonly Net[]): BlockList => {
  const list = new BlockList();
  for (const [address, prefix] of ipv4) list.addSubnet(address, prefix, 'ipv4');
  for (const [address, prefix] of [...ipv6, ...ipv4.flatMap(inIpv6)]) list.addSubnet(address, prefix, 'ipv6');
  return list;
};

/** They hand out credentials to whoever asks from inside. Never asked, whatever is configured. */
const FORBIDDEN = createList(FORBIDDEN_IPV4, FORBIDDEN_IPV6);
const PRIVATE = createList(PRIVATE_IPV4, PRIVATE_IPV6);

const isIn = (list: BlockList, { address, family }: Address): boolean =>
  list.check(address.split('%')[0] ?? address, family === 6 ? 'ipv6' : 'ipv4');

const isForbidden = (address: Address): boolean => isIn(FORBIDDEN, address);

const isPrivate = (address: Address): boolean => isIn(PRIVATE, address);

/** `unresolved` keeps what the system said; the others say why an address that is there is not asked. */
export type Checked =
  | { readonly addresses: readonly Address[] }
  | { readonly refused: 'forbidden' | 'private' }
  | { readonly refused: 'unresolved'; readonly error: unknown };

const literalOf = (hostname: string): Address | null => {
  const address = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  return family === 0 ? null : { address, family };
};

/** Names under which clouds keep their metadata, from inside. */
const METADATA_NAMES =
  /^(?:metadata|metadata\.google\.internal|metadata\.goog|metadata\.tencentyun\.com|instance-data(?:\.ec2\.internal)?)$/;

/** Whether a host is refused by what it is called alone: where somebody else resolves its name. */
export const refuseUnresolved = (hostname: string): boolean => {
  const literal = literalOf(hostname);
  return literal === null ? METADATA_NAMES.test(hostname.toLowerCase().replace(/\.$/, '')) : isForbidden(literal);
};

const resolveOrTell = async (name: string, resolveName: ResolveName): Promise<Checked> => {
  try {
    return { addresses: await resolveName(name) };
  } catch (error) {
    return { refused: 'unresolved', error };
  }
};

/**
 * The addresses of a configured host, if all of them may be asked. A private address that the configuration spells out, and `localhost`, are
 * meant; a name that leads to one is refused unless `allowPrivate`, since whoever answers for the name chose it.
 */
export const resolveChecked = async (
  hostname: string,
  { resolveName, allowPrivate }: { readonly resolveName: ResolveName; readonly allowPrivate: boolean },
): Promise<Checked> => {
  const literal = literalOf(hostname);
  const resolved = literal ? { addresses: [literal] } : await resolveOrTell(hostname, resolveName);
  if (!('addresses' in resolved)) return resolved;
  const { addresses } = resolved;
  if (addresses.length === 0) return { refused: 'unresolved', error: undefined };
  if (addresses.some(isForbidden)) return { refused: 'forbidden' };
  const isMeant = allowPrivate || literal !== null || hostname === 'localhost';
  if (!isMeant && addresses.some(isPrivate)) return { refused: 'private' };
  return { addresses };
};

/** Gives the connection the addresses that were checked, so that a second answer of DNS cannot change them. */
export const pin =
  (addresses: readonly Address[]): LookupFunction =>
  (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection is reset before an answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};

/** A code of the closed list of Node, in words; other texts are not passed on, since they may quote the address with its credentials. */
export const describeCallError = (error: unknown): string => describeCode(codeOfError(error));

export const describeCode = (code: string | null): string =>
  code === null ? 'the call fails' : (WORDS[code] ?? `the call fails with ${code}`);
