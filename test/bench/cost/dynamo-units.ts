import * as z from 'zod/mini';

/**
 * What DynamoDB charges for the calls of one table, counted from their requests alone. Sources, all of its developer guide: "Read and
 * write operations", "DynamoDB item sizes and formats", "Using global secondary indexes" (provisioned throughput considerations).
 */
export type DynamoMeter = {
  /** Units of the call; every call of the table has to be shown, in order, since what it holds decides. */
  readonly count: (operation: string, body: string) => Units;
};

export type Units = { readonly writeUnits: number; readonly readUnits: number };

const VALUE = z.union([
  z.strictObject({ S: z.string() }),
  z.strictObject({ N: z.string() }),
  z.strictObject({ B: z.string() }),
]);
const ITEM = z.record(z.string(), VALUE);
type Value = z.output<typeof VALUE>;
type Item = z.output<typeof ITEM>;

const PUT = z.object({
  Item: ITEM,
  ConditionExpression: z.optional(z.string()),
  ExpressionAttributeValues: z.optional(ITEM),
});
const GET = z.object({ Key: ITEM, ConsistentRead: z.optional(z.boolean()) });
const QUERY = z.object({
  IndexName: z.optional(z.string()),
  ConsistentRead: z.optional(z.boolean()),
  ExpressionAttributeValues: ITEM,
});

const WRITE_BYTES = 1_024;
const READ_BYTES = 4_096;

const valueBytes = (value: Value): number => {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('B' in value) return Buffer.from(value.B, 'base64').byteLength;
  return 1 + Math.ceil(value.N.replace(/^-|\./g, '').replace(/(?:00)+$/, '').length / 2);
};

export const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

const writeUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_BYTES));
const readUnitsOf = (bytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_BYTES)) * (isConsistent ? 1 : 0.5);

const text = (item: Item | undefined, name: string): string => {
  const value = item?.[name];
  if (value === undefined) return '';
  if ('S' in value) return value.S;
  return 'N' in value ? value.N : value.B;
};

/** What the index `due` holds of it: keys alone; '' for what is not due. */
const dueOf = (item: Item | undefined): string => {
  const dueKind = text(item, 'dueKind');
  return dueKind === '' ? '' : `${dueKind} ${text(item, 'dueMs')}`;
};

/** An entry that comes or goes is one write of the index, one that moves two: it is deleted and put. */
const indexUnitsOf = (before: string, after: string): number => {
  if (before === after) return 0;
  return before === '' || after === '' ? 1 : 2;
};

/** Of the two conditions that the store sets. */
const holds = (put: z.output<typeof PUT>, stored: Item | undefined): boolean => {
  if (put.ConditionExpression === undefined) return true;
  if (put.ConditionExpression.startsWith('attribute_not_exists')) return stored === undefined;
  return text(stored, 'version') === text(put.ExpressionAttributeValues, ':version');
};

export const createDynamoMeter = (): DynamoMeter => {
  const table = new Map<string, Item>();
  const keyOf = (item: Item): string => `${text(item, 'pk')}\n${text(item, 'sk')}`;

  const put = (body: string): Units => {
    const asked = PUT.parse(JSON.parse(body));
    const key = keyOf(asked.Item);
    const stored = table.get(key);
    const larger = Math.max(itemBytes(asked.Item), stored === undefined ? 0 : itemBytes(stored));
    // Refused by its condition it costs the same, but for the index.
    if (!holds(asked, stored)) return { writeUnits: writeUnitsOf(larger), readUnits: 0 };
    table.set(key, asked.Item);
    return { writeUnits: writeUnitsOf(larger) + indexUnitsOf(dueOf(stored), dueOf(asked.Item)), readUnits: 0 };
  };
  const get = (body: string): Units => {
    const { Key, ConsistentRead = false } = GET.parse(JSON.parse(body));
    const stored = table.get(keyOf(Key));
    return { writeUnits: 0, readUnits: readUnitsOf(stored === undefined ? 0 : itemBytes(stored), ConsistentRead) };
  };
  /** All that it may find; a limit of the caller is left aside, as it would only make it cheaper. */
  const query = (body: string): Units => {
    const { IndexName, ConsistentRead = false, ExpressionAttributeValues: values } = QUERY.parse(JSON.parse(body));
    const isFound = (item: Item): boolean =>
      IndexName === undefined
        ? text(item, 'pk') === text(values, ':pk') && text(item, 'sk').startsWith(text(values, ':prefix'))
        : text(item, 'dueKind') === text(values, ':kind') &&
          Number(text(item, 'dueMs')) <= Number(text(values, ':before'));
    const keysOnly = ({ pk, sk, dueKind, dueMs }: Item): Item => ({
      ...(pk && { pk }),
      ...(sk && { sk }),
      ...(dueKind && { dueKind }),
      ...(dueMs && { dueMs }),
    });
    const bytes = [...table.values()]
      .filter(isFound)
      .reduce((sum, item) => sum + itemBytes(IndexName === undefined ? item : keysOnly(item)), 0);
    return { writeUnits: 0, readUnits: readUnitsOf(bytes, ConsistentRead) };
  };

  return {
    count: (operation, body) => {
      switch (operation) {
        case 'PutItem':
          return put(body);
        case 'GetItem':
          return get(body);
        case 'Query':
          return query(body);
        default:
          throw new Error(`no price is known of ${operation}`);
      }
    },
  };
};
