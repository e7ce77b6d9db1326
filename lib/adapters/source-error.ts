/** Why a source of facts has none, in words that may be shown: nothing that a source answered, beyond numbers. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}
