import { createSignedCall, type SignedCall, type SignedCallOptions } from '../../../lib/adapters/aws/signed-request.ts';

export const PEER_VARIABLES = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

/** Signed calls to a peer of AWS that listens here. Without options it has ten seconds, since nothing is to fail by time. */
export const callPeer = (url: string, options: Partial<SignedCallOptions> = {}): SignedCall =>
  createSignedCall({ variables: { ...PEER_VARIABLES, AWS_ENDPOINT_URL: url }, limitMs: 10_000, ...options });
