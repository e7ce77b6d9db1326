/**
 * What Slack accepts, in one table. Source: docs.slack.dev (Block Kit reference, chat.postMessage, interactivity), cross-checked
 * with Slack's Python SDK 3.43 and a public JSON Schema in November 2026. Lengths count UTF-16 units, as JavaScript's `length` does.
 */
export const LIMITS = {
  messageBlocks: 50,
  modalBlocks: 100,
  /** Slack cuts a longer text; we never send one. */
  messageText: 40_000,
  recommendedText: 4_000,
  /** All `markdown` blocks of one message together. */
  markdownText: 12_000,

  headerText: 150,
  sectionText: 3_000,
  sectionFields: 10,
  fieldText: 2_000,
  contextElements: 10,
  contextText: 3_000,
  actionsElements: 25,
  actionId: 255,
  blockId: 255,

  buttonText: 75,
  buttonValue: 2_000,
  buttonUrl: 3_000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  accessibilityLabel: 75,

  optionText: 75,
  optionDescription: 75,
  optionValue: 150,
  selectOptions: 100,
  optionGroups: 100,
  groupLabel: 75,
  choiceOptions: 10,
  overflowOptions: 5,
  placeholder: 150,

  imageUrl: 3_000,
  imageAlt: 2_000,
  imageTitle: 2_000,
  inputLabel: 2_000,
  inputHint: 2_000,
  inputText: 3_000,
  tableRows: 100,
  tableCells: 20,

  modalTitle: 24,
  modalButton: 24,
  modalMetadata: 3_000,
  callbackId: 255,
  /** JSON of `metadata.event_payload`, in bytes. Slack does not publish the number; this is well inside what it takes. */
  metadataBytes: 8_000,

  triggerMs: 3_000,
  acknowledgeMs: 3_000,
  responseUrlUses: 5,
  responseUrlMs: 30 * 60_000,
  messageEveryMs: 1_000,
  editsPerMinute: 50,
} as const;
