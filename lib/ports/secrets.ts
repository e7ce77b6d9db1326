/** Staging labels, as in AWS Secrets Manager: a label sits on exactly one version of a secret. */
export type SecretVersions = ReadonlyMap<string, string>;

/** Of `Secrets` what only looks at keys by their labels. */
export type SecretReader = {
  readonly labels: (secretId: string) => Promise<SecretVersions | null>;
  /** null when nothing is under the label. */
  readonly value: (secretId: string, at: { readonly label: string }) => Promise<string | null>;
};

/**
 * Secrets with versions and labels; behaves as Secrets Manager. We never create a version and never delete one.
 * Values leave `value` only to be used for a call; nobody stores or prints them.
 * Every method rejects when it cannot be done or known, with a `FinalFailure` where trying again would bring the same. The versions of a secret
 * have at most 20 labels in all (quotas of AWS Secrets Manager, read 2026-11); one more is such a failure.
 */
export type Secrets = {
  /** Label to version id. null when there is no such secret. */
  readonly labels: (secretId: string) => Promise<SecretVersions | null>;
  /**
   * The plain value under a label or version id; null when no version has it. Where every reading costs, a value may be one that was read a
   * while ago: `fresh` asks for the one of now.
   */
  readonly value: (
    secretId: string,
    at: { readonly label: string } | { readonly versionId: string },
    how?: { readonly fresh: boolean },
  ) => Promise<string | null>;
  /**
   * Moves a label, as UpdateSecretVersionStage does. `from` must be the version that holds it now (null: nobody does), `to` the version
   * that gets it (null: only taken off). False when the label is not where the caller believes: load and decide again.
   * Moving AWSCURRENT puts AWSPREVIOUS on the version it leaves. AWSCURRENT cannot be taken off, only moved.
   */
  readonly move: (secretId: string, label: string, from: string | null, to: string | null) => Promise<boolean>;
};
