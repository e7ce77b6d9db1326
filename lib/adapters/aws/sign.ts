import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Variables } from './addresses.ts';

export type Unsigned = {
  /** As AWS's credential scope spells it: `sqs`, `secretsmanager`. */
  readonly service: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
};

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

type Data = string | ArrayBuffer | ArrayBufferView;

const bytesOf = (data: Data): string | Uint8Array => {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
};

/** What AWS's signer makes with `new`, so it has to be a class: a hash, or with a key a keyed one. */
class Sha256 {
  private state: Hash | Hmac;
  private readonly key: string | Uint8Array | undefined;
  constructor(key?: Data) {
    this.key = key === undefined ? undefined : bytesOf(key);
    this.state = this.begin();
  }
  private begin(): Hash | Hmac {
    return this.key === undefined ? createHash('sha256') : createHmac('sha256', this.key);
  }
  update(data: Data): void {
    this.state.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.state.digest();
  }
  reset(): void {
    this.state = this.begin();
  }
}

/** null when there are none. On Lambda they are the role's. */
export const credentialsIn = (variables: Variables): Credentials | null => {
  const accessKeyId = variables['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = variables['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = variables['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey) return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
};

/** The headers to send, `authorization` among them. */
export const signRequest = async (
  { service, method, url, headers, bytes }: Unsigned,
  {
    region,
    credentials,
    nowMs,
  }: { readonly region: string; readonly credentials: Credentials; readonly nowMs: number },
): Promise<Readonly<Record<string, string>>> => {
  // S3 alone takes the path as it is and wants the hash of the body in a header, which is how it refuses a damaged one.
  const isS3 = service === 's3';
  const signer = new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: !isS3,
    applyChecksum: isS3,
  });
  const signed = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: { ...headers, host: url.host },
      body: bytes,
    },
    { signingDate: new Date(nowMs) },
  );
  return signed.headers;
};
