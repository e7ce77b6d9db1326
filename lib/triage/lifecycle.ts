/** When the table below was true. Source: Mistral's documentation, github.com/mistralai/platform-docs-public, src/schema/models/models. */
export const LIFECYCLE_AS_OF = '2026-08-21';

/** API name, day on which Mistral said it stops answering, and what Mistral names in its place. Names without such a day are left out. */
const TABLE: readonly (readonly [name: string, retires: string, replacedBy: string | null])[] = [
  ['codestral-2405', '2025-06-16', 'Codestral'],
  ['codestral-2501', '2025-11-30', 'Codestral'],
  ['devstral-2512', '2026-07-31', 'Mistral Medium 3.5'],
  ['devstral-latest', '2026-07-31', 'Mistral Medium 3.5'],
  ['devstral-medium-2507', '2026-05-31', 'Mistral Medium 3.5'],
  ['devstral-medium-latest', '2026-07-31', 'Mistral Medium 3.5'],
  ['devstral-small-2505', '2025-11-30', 'Mistral Medium 3.5'],
  ['devstral-small-2507', '2026-05-31', 'Mistral Small 4'],
  ['devstral-small-latest', '2026-03-31', 'Mistral Medium 3.5'],
  ['labs-devstral-small-2512', '2026-03-31', 'Mistral Medium 3.5'],
  ['labs-leanstral-1-5', '2026-09-30', null],
  ['labs-leanstral-2603', '2026-06-30', 'Leanstral 1.5'],
  ['labs-mistral-small-creative', '2026-04-30', 'Ministral 3 8B'],
  ['magistral-medium-2506', '2025-11-30', 'Mistral Medium 3.5'],
  ['magistral-medium-2507', '2025-11-30', 'Mistral Medium 3.5'],
  ['magistral-medium-2509', '2026-07-31', 'Mistral Medium 3.5'],
  ['magistral-medium-latest', '2026-07-31', 'Mistral Medium 3.5'],
  ['magistral-small-2506', '2025-11-30', 'Mistral Small 4'],
  ['magistral-small-2507', '2025-11-30', 'Mistral Small 4'],
  ['magistral-small-2509', '2026-07-31', 'Mistral Small 4'],
  ['magistral-small-latest', '2026-07-31', 'Mistral Small 4'],
  ['ministral-3b-2410', '2025-12-31', 'Ministral 3 3B'],
  ['ministral-8b-2410', '2025-12-31', 'Ministral 3 8B'],
  ['mistral-large-2402', '2025-06-16', 'Mistral Large 3'],
  ['mistral-large-2407', '2025-03-30', 'Mistral Large 3'],
  ['mistral-large-2411', '2026-05-31', 'Mistral Medium 3.5'],
  ['mistral-medium-2312', '2025-06-16', 'Mistral Medium 3.5'],
  ['mistral-medium-2505', '2026-08-31', 'Mistral Medium 3.5'],
  ['mistral-medium-2508', '2026-08-31', 'Mistral Medium 3.5'],
  ['mistral-moderation-2411', '2026-06-30', 'Mistral Moderation 2'],
  ['mistral-ocr-2503', '2025-12-31', 'OCR 4.1'],
  ['mistral-ocr-2505', '2026-05-31', 'OCR 4.1'],
  ['mistral-saba-2502', '2025-09-30', 'Mistral Small 4'],
  ['mistral-saba-latest', '2025-09-30', 'Mistral Small 4'],
  ['mistral-small-2402', '2025-06-16', 'Mistral Small 4'],
  ['mistral-small-2409', '2025-11-30', 'Mistral Small 4'],
  ['mistral-small-2501', '2025-11-30', 'Mistral Small 4'],
  ['mistral-small-2503', '2025-11-30', 'Mistral Small 4'],
  ['mistral-small-2506', '2026-07-31', 'Mistral Small 4'],
  ['open-codestral-mamba', '2025-06-06', 'Codestral'],
  ['open-mistral-7b', '2025-03-30', 'Ministral 3 8B'],
  ['open-mistral-nemo', '2026-07-31', 'Ministral 3 8B'],
  ['open-mistral-nemo-2407', '2026-07-31', 'Ministral 3 8B'],
  ['open-mixtral-8x22b', '2025-03-30', 'Mistral Small 4'],
  ['open-mixtral-8x7b', '2025-03-30', 'Mistral Small 4'],
  ['pixtral-12b-2409', '2025-12-31', 'Ministral 3 14B'],
  ['pixtral-large-2411', '2026-05-31', 'Mistral Medium 3.5'],
  ['pixtral-large-latest', '2026-05-31', 'Mistral Medium 3.5'],
  ['voxtral-mini-2507', '2026-05-31', 'Voxtral Mini Transcribe 2'],
];

const KNOWN: ReadonlyMap<string, PublishedEnd> = new Map(
  TABLE.map(([name, retires, replacedBy]) => [name, { retires, replacedBy }]),
);

/** ISO 8601 day, and the name that Mistral's people give to what comes instead. */
type PublishedEnd = { readonly retires: string; readonly replacedBy: string | null };

/** What is known of a model's end where neither the configuration nor Mistral itself says it. */
export const endOf = (model: string): PublishedEnd | null => KNOWN.get(model) ?? null;
