import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Certificates made for one test run, so that no private key lies in the repository. Just enough of X.509's DER for OpenSSL to read them. */

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));

const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const ORGANISATION = oid(0x55, 0x04, 0x0a);
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const ALT_NAMES = oid(0x55, 0x1d, 0x11);
const CONSTRAINTS = oid(0x55, 0x1d, 0x13);

const named = (organisation: string, commonName: string): Buffer =>
  sequence(der(0x31, sequence(ORGANISATION, utf8(organisation))), der(0x31, sequence(COMMON_NAME, utf8(commonName))));

/** UTCTime. */
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

const pem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n')}\n-----END CERTIFICATE-----\n`;

type Wanted = {
  readonly host?: string;
  readonly issuer?: string;
  readonly startsMs?: number;
  readonly endsMs?: number;
  /** Whether it may sign others; true unless given. */
  readonly canSign?: boolean;
  /** Who signs; itself where it is not given. */
  readonly by?: Made;
};

export type Made = {
  readonly cert: string;
  readonly key: string;
  readonly issuer: string;
  readonly privateKey: KeyObject;
};

const DAY_MS = 86_400_000;
let serial = 1;

export const makeCertificate = ({
  host = 'localhost',
  issuer = 'Test Trust Services',
  startsMs = Date.now() - DAY_MS,
  endsMs = Date.now() + DAY_MS,
  canSign = true,
  by,
}: Wanted = {}): Made => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = by?.issuer ?? issuer;
  serial += 1;
  const extensions = [
    sequence(ALT_NAMES, der(0x04, sequence(der(0x82, Buffer.from(host))))),
    sequence(
      CONSTRAINTS,
      der(0x01, Buffer.from([0xff])),
      der(0x04, sequence(...(canSign ? [der(0x01, Buffer.from([0xff]))] : []))),
    ),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    ECDSA_SHA256,
    named(signer, signer),
    sequence(time(startsMs), time(endsMs)),
    by ? named(issuer, host) : named(issuer, issuer),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, by?.privateKey ?? privateKey);
  const cert = pem(sequence(body, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature)));
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), issuer, privateKey };
};
