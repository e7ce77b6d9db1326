import { OWN_FORMS_MIN, type SecretForm, secretForms } from './secret-forms.ts';

/** Stands where a secret stood; says nothing of its length. */
const REDACTED = '[redacted]';

/** A header or member by name: the rest of the line (or of the quoted text) is its value. */
const NAMED =
  /\b(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api-key|x-alerts-token)\b(\\{0,3}["']?\s{0,3}[:=]\s{0,3})("[^"\r\n]*"?|'[^'\r\n]*'?|[^\r\n]+)/gi;

/** `MISTRAL_API_KEY=…`, `"client_secret": "…"`, `password: …`: by the end of the name. */
const ASSIGNED =
  /\b((?:[\w.-]{0,64}[_-])?(?:api_?key|key|token|secret|password|passwd)\b)(?<=[_-](?:key|token|secret)|api_?key|passw(?:or)?d|(?:token|secret)(?==))(?<!rotate-key)(\\{0,3}["']?\s{0,3}[=:]\s{0,3})("[^"\r\n]*"?|'[^'\r\n]*'?|[^\s,;&"'<>]+)/gi;

/** Everything else that is a secret by its looks. Each is linear: no nested repetition, every repetition bounded or of one class. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g, REDACTED],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]{1,500}@/gi, `$1${REDACTED}@`],
  [
    /([?&;](?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|sig|signature|token|access_token|api_?key|key|code|secret|password|awsaccesskeyid)=)[^&\s"'<>#]+/gi,
    `$1${REDACTED}`,
  ],
  [/\bhooks\.slack\.com\/[\w/-]{1,200}/gi, `hooks.slack.com/${REDACTED}`],
  [/\bxox[a-z](?:\.xox[a-z])?-[\w-]{4,500}/gi, REDACTED],
  [/\bxapp-[\w-]{4,500}/gi, REDACTED],
  [/(bearer)(\s{1,3})[\w.~+/=-]{8,4000}/gi, `$1$2${REDACTED}`],
  [/\beyJ[\w-]{8,4000}\.[\w-]{4,4000}(?:\.[\w-]{0,4000})?/g, REDACTED],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, REDACTED],
  [/\b(?:sk|ghp|gho|ghs|github_pat|glpat)[-_][\w-]{16,255}/g, REDACTED],
];

/**
 * Takes out our own secrets, whole or a large part of them, plain or encoded, and whatever looks like somebody's secret.
 * Redacting what was redacted changes nothing.
 */
export const redact = (text: string, secrets: readonly string[]): string => {
  const withoutOwn = removeSecrets(text, secrets);
  // By looks first: a value by name ends at a space, and `KEY=Bearer …` would keep its second half.
  const withoutKnown = PATTERNS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), withoutOwn);
  return withoutKnown.replace(NAMED, redactValue).replace(ASSIGNED, redactValue);
};

/** Keeps the quotes, so that what was JSON stays JSON. */
const redactValue = (_whole: string, name: string, between: string, value: string): string => {
  const quote = value.startsWith('"') || value.startsWith("'") ? value.charAt(0) : '';
  const closed = quote !== '' && value.length > 1 && value.endsWith(quote) ? quote : '';
  return `${name}${between}${quote}${REDACTED}${closed}`;
};

type Run = { readonly from: number; readonly to: number };

/** All forms of all secrets are looked for before anything is cut: a cut for one must not hide another. */
const removeSecrets = (text: string, secrets: readonly string[]): string => {
  const forms = secrets.filter((secret) => secret.length >= OWN_FORMS_MIN).flatMap(secretForms);
  const runs = forms.flatMap((form) => findRuns(text, form));
  return runs.length === 0 ? text : cutRuns(text, runs);
};

/** Runs of at least `part` characters that also stand in `form`. Every such run holds one whole block of the grid searched for. */
const findRuns = (text: string, { form, part }: SecretForm): readonly Run[] => {
  const block = Math.floor((part + 1) / 2);
  const runs: Run[] = [];
  for (let at = 0; at + block <= form.length; at += block) {
    const anchor = form.slice(at, at + block);
    for (let hit = text.indexOf(anchor); hit >= 0; hit = text.indexOf(anchor, hit + 1)) {
      const run = growRun(text, form, { hit, at, length: block });
      if (run.to - run.from >= part) runs.push(run);
    }
  }
  return runs;
};

const growRun = (
  text: string,
  form: string,
  { hit, at, length }: { readonly hit: number; readonly at: number; readonly length: number },
): Run => {
  let before = 0;
  while (before < at && hit - before > 0 && text[hit - before - 1] === form[at - before - 1]) before += 1;
  let after = length;
  while (at + after < form.length && hit + after < text.length && text[hit + after] === form[at + after]) after += 1;
  return { from: hit - before, to: hit + after };
};

/** Runs that touch or overlap become one gap. */
const cutRuns = (text: string, runs: readonly Run[]): string => {
  let rest = '';
  let done = -1;
  for (const { from, to } of runs.toSorted((one, other) => one.from - other.from)) {
    if (from > done) rest += text.slice(Math.max(done, 0), from) + REDACTED;
    done = Math.max(done, to);
  }
  return rest + text.slice(Math.max(done, 0));
};
