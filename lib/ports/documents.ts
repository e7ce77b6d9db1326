/** Evidence, postmortems and quarantined bodies: named bytes. Names are ours, relative, with `/`. */
export type Documents = {
  /** Writes the whole or nothing, durably; the same name again replaces it. Returns where a person finds it (a path or URL). */
  readonly put: (name: string, bytes: Uint8Array) => Promise<string>;
  readonly get: (name: string) => Promise<Uint8Array | null>;
};
