import type { Socket } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPlainCalls } from '../../lib/adapters/mistral/plain-calls.ts';
import { createNetworkCalls } from '../../lib/adapters/network.ts';
import type { Branch } from '../../lib/domain/branch.ts';
import { certificateHolds } from '../../lib/probes/certificate-holds.ts';
import { classify } from '../../lib/triage/classify.ts';
import { type Made, makeCertificate } from './certificates.ts';
import { listen, serveTcp } from './mistral/serve.ts';

const HOUR_MS = 3_600_000;
const authority = makeCertificate({ issuer: 'Example Trust' });
const stranger = makeCertificate({ issuer: 'A proxy that looks inside' });
const noAuthority = makeCertificate({ issuer: 'Nobody', canSign: false, by: authority });

const before = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...before, authority.cert]));
afterAll(() => setDefaultCACertificates(before));

const behindTls = (options: TlsOptions) => async (): Promise<number> => {
  const sockets = new Set<Socket>();
  const server = createServer(options, (socket) => socket.on('error', () => socket.destroy()).end());
  server.on('connection', (socket) => sockets.add(socket));
  server.on('tlsClientError', () => undefined);
  const { port, close } = await listen(server, () => {
    for (const socket of sockets) socket.destroy();
  });
  onTestFinished(close);
  return port;
};

const speaking = (bytes: string | Buffer) => async (): Promise<number> => {
  const { port, close } = await serveTcp((socket) => socket.once('data', () => socket.end(bytes)));
  onTestFinished(close);
  return port;
};

const shownWith = ({ key, cert }: Made, above: Made): TlsOptions => ({ key, cert: cert + above.cert });

const alert = (number: number): Buffer => Buffer.from([21, 3, 3, 0, 2, 2, number]);
const good = makeCertificate({ by: authority });
/** OpenSSL speaks what is as old as this only when it is let. */
const OLD = 'DEFAULT@SECLEVEL=0';

const CASES: readonly (readonly [string, Branch, () => Promise<number>])[] = [
  ['is signed by itself', 'net.tls_untrusted_interception', behindTls(makeCertificate())],
  ['is signed by somebody unknown', 'net.tls_untrusted_interception', behindTls(makeCertificate({ by: stranger }))],
  [
    'shows the unknown one who signed it',
    'net.tls_untrusted_interception',
    behindTls(shownWith(makeCertificate({ by: stranger }), stranger)),
  ],
  [
    'is signed by one who may not sign',
    'net.tls_untrusted_interception',
    behindTls(shownWith(makeCertificate({ by: noAuthority }), noAuthority)),
  ],
  [
    'has a signature that is not that of its issuer',
    'net.tls_untrusted_interception',
    behindTls(makeCertificate({ by: { ...authority, privateKey: stranger.privateKey } })),
  ],
  [
    'has ended',
    'net.tls_dates_clock_skew',
    behindTls(makeCertificate({ by: authority, startsMs: Date.now() - 2 * HOUR_MS, endsMs: Date.now() - HOUR_MS })),
  ],
  [
    'has not begun',
    'net.tls_dates_clock_skew',
    behindTls(makeCertificate({ by: authority, startsMs: Date.now() + HOUR_MS })),
  ],
  ['is for another host', 'net.tls_hostname', behindTls(makeCertificate({ by: authority, host: 'portal.example' }))],
  [
    'comes with TLS 1.0 alone',
    'net.protocol',
    behindTls({ ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: OLD }),
  ],
  [
    'comes with no cipher that both know',
    'net.protocol',
    behindTls({ ...good, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA' }),
  ],
  ['is not there, nor TLS: plain HTTP', 'net.protocol', speaking('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['is not shown: the handshake is refused', 'net.protocol', speaking(alert(40))],
  ['is not shown: the name is not known there', 'net.tls_hostname', speaking(alert(112))],
  ['is not shown: the connection ends', 'net.reset', speaking('')],
];

describe('a certificate that', () => {
  it.each(CASES)('%s is %s, to the probe and to a client', async (_name, branch, open) => {
    const port = await open();
    const apiUrl = `https://localhost:${port}`;
    const probe = certificateHolds(createNetworkCalls({ apiUrl, variables: {} }), {
      host: 'localhost',
      port,
      isProxied: false,
    });
    const calls = createPlainCalls({ serverUrl: apiUrl, clock: { nowMs: () => Date.now() } });
    const told = [await probe.ask(2_000), await calls.listModels('none', 2_000)];
    expect(told.map((one) => ('failure' in one ? classify(one.failure) : one))).toEqual([branch, branch]);
  });
});
