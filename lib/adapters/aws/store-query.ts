import type { RecordKind } from '../../domain/records.ts';
import { AwsError } from './failure.ts';
import type { SignedCall } from './signed-request.ts';
import { partitionOf, textIn } from './store-item.ts';
import { TABLE } from './table.ts';

export type TablePlace = { readonly call: Pick<SignedCall, 'callJson'>; readonly table: string };

/** What one answer of Query or Scan brings, of which there may be several. `next` undefined: this is the last. */
type Page = { readonly items: readonly unknown[]; readonly next: unknown };
type ListOptions = { readonly limit?: number; readonly newestFirst?: boolean };

const askPage = async ({ call, table }: TablePlace, operation: 'Query' | 'Scan', question: object): Promise<Page> => {
  const answer = await call.callJson('dynamodb', operation, { TableName: table, ...question });
  const items: unknown = Reflect.get(Object(answer), 'Items');
  if (!Array.isArray(items)) throw new AwsError(`dynamodb.${operation}`, 'unreadable', { code: 'UnknownShape' });
  return { items, next: Reflect.get(Object(answer), 'LastEvaluatedKey') ?? undefined };
};

/** Asks for page after page until there are enough or no more. JSON has no member that is undefined, as the first start is. */
const readPages = async (
  most: number,
  readPage: (start: { readonly ExclusiveStartKey?: unknown }, missing: number) => Promise<Page>,
): Promise<readonly unknown[]> => {
  const items: unknown[] = [];
  let next: unknown;
  while (items.length < most) {
    const page = await readPage({ ExclusiveStartKey: next }, most - items.length);
    items.push(...page.items);
    next = page.next;
    if (next === undefined) break;
  }
  return items;
};

export const queryChildren = (
  place: TablePlace,
  kind: RecordKind,
  prefix: string,
  { limit = Number.POSITIVE_INFINITY, newestFirst = false }: ListOptions,
): Promise<readonly unknown[]> =>
  readPages(limit, (start, missing) =>
    askPage(place, 'Query', {
      ConsistentRead: true,
      ScanIndexForward: !newestFirst,
      KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :prefix)',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey, '#sk': TABLE.sortKey },
      ExpressionAttributeValues: { ':pk': { S: partitionOf(kind, prefix) }, ':prefix': { S: prefix } },
      ...(Number.isFinite(missing) && { Limit: missing }),
      ...start,
    }),
  );

/**
 * Reads the whole table: for the commands of a person alone. A key begins with a prefix that has no `#` exactly when its parent
 * does, which is the rest of the partition key.
 */
export const scanKind = async (
  place: TablePlace,
  kind: RecordKind,
  prefix: string,
  { limit = Number.POSITIVE_INFINITY, newestFirst = false }: ListOptions,
): Promise<readonly unknown[]> => {
  const items = await readPages(Number.POSITIVE_INFINITY, (start) =>
    askPage(place, 'Scan', {
      ConsistentRead: true,
      FilterExpression: 'begins_with(#pk, :prefix)',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey },
      ExpressionAttributeValues: { ':prefix': { S: `${kind}#${prefix}` } },
      ...start,
    }),
  );
  const ascending = items.toSorted(byKey);
  return (newestFirst ? ascending.toReversed() : ascending).slice(0, limit);
};

/** By code points, as DynamoDB orders a partition: that is the order of the bytes in UTF-8. */
const byKey = (one: unknown, other: unknown): number =>
  Buffer.compare(Buffer.from(textIn(one, TABLE.sortKey)), Buffer.from(textIn(other, TABLE.sortKey)));

export const queryDue = (
  place: TablePlace,
  kind: RecordKind,
  beforeMs: number,
  limit: number,
): Promise<readonly unknown[]> =>
  readPages(limit, (start, missing) =>
    askPage(place, 'Query', {
      IndexName: TABLE.due.index,
      KeyConditionExpression: '#kind = :kind AND #due <= :before',
      ExpressionAttributeNames: { '#kind': TABLE.due.partitionKey, '#due': TABLE.due.sortKey },
      ExpressionAttributeValues: { ':kind': { S: kind }, ':before': { N: String(beforeMs) } },
      Limit: missing,
      ...start,
    }),
  );
