/** Everything that can be switched on in the embedded Mistral, with what it does in one line. One at a time. */
export const FAULTS = {
  none: 'everything answers; revoked keys are valid again',
  'revoked-key': 'the key that the service uses is revoked (401); the standby goes on working',
  'rate-minute': 'the minute limit of every model is used up (429, code 1300, no Retry-After)',
  'quota-zero': 'every model has a limit of 0 requests (429, code 1300): waiting never helps',
  'quota-month': 'the monthly usage limit is reached (429)',
  capacity: 'the provider has no capacity for any model (429, code 3505)',
  'spent-plan': 'the subscription is inactive or spent, said as 401',
  'error-500': 'internal errors in JSON (500)',
  'error-503': 'service unavailable in JSON (503)',
  'edge-520': 'an HTML page of the edge (520)',
  slow: 'every answer comes late (SECONDS after the name, 20 without)',
  hang: 'connections are taken and never answered',
  reset: 'connections are reset before an answer',
  'model-retired':
    'one model is retired (MODEL after the name, the one last asked without): 400 code 1500, 404 deprecated',
  'cut-stream': 'chat answers stop in the middle, streamed or not',
  empty: 'chat answers have no content and no tokens',
} as const;

export type FaultName = keyof typeof FAULTS;

export const isFaultName = (text: string): text is FaultName => Object.hasOwn(FAULTS, text);

/** The fault that is on, with what it needs. */
export type Fault = { readonly name: FaultName; readonly seconds: number; readonly model: string | null };

export const NO_FAULT: Fault = { name: 'none', seconds: 0, model: null };
