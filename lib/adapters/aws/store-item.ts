import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { RECORD_VERSIONS, RETENTION_DAYS, type RecordKind, type Records } from '../../domain/records.ts';
import { type DueMs, NewerRecord, type Stored } from '../../ports/store.ts';
import { AwsError } from './failure.ts';
import { TABLE } from './table.ts';

/** `B`: bytes in base64. */
type Value = { readonly S: string } | { readonly N: string } | { readonly B: string };

/** As it goes over the wire: attributes by name. */
export type Item = Readonly<Record<string, Value>>;

/** What DynamoDB charges one unit for, when writing. Source: "Capacity unit consumption for write operations", its developer guide. */
const WRITE_UNIT_BYTES = 1024;

/** DynamoDB takes 400 kB. A record near that has lost its bound, and is refused while there is still room to look at it. */
const MOST_BYTES = 350 * 1024;

const DAY_SECONDS = 24 * 60 * 60;

/** Children share their parent's partition: a list of them is one consistent query. */
export const partitionOf = (kind: RecordKind, key: string): string => {
  const end = key.indexOf('#');
  return `${kind}#${end === -1 ? key : key.slice(0, end)}`;
};

export const keyOf = (kind: RecordKind, key: string) => ({
  [TABLE.partitionKey]: { S: partitionOf(kind, key) },
  [TABLE.sortKey]: { S: key },
});

/** One byte for two digits, counted from the point, without the zeros at the end; one more for the sign and the exponent. */
const digitBytes = (digits: string): number => 1 + Math.ceil(digits.replace(/(?:00)+$/, '').length / 2);

const valueBytes = (value: Value): number => {
  if ('S' in value) return Buffer.byteLength(value.S);
  return 'N' in value ? digitBytes(value.N) : Buffer.byteLength(value.B, 'base64');
};

/** As DynamoDB counts for its limit and its price: names and values, in UTF-8. */
const bytesOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

/** Units of writing it where nothing larger was. An item that replaces a larger one costs what that one would. */
const writeUnitsOf = (item: Item): number => Math.ceil(bytesOf(item) / WRITE_UNIT_BYTES);

export type Writing = {
  readonly version: number;
  /** Of this call alone: tells the item that an earlier try of it stored from one of somebody else. */
  readonly writer: string;
  readonly dueMs: DueMs;
  readonly nowMs: number;
};

/** Throws `AwsError` (refused), which names the record and its size, when it is too large for one item. */
export const toItem = <K extends RecordKind>(kind: K, key: string, record: Records[K], writing: Writing): Item => {
  const json = JSON.stringify(record);
  const frame = frameOf(kind, key, writing);
  const plain: Item = { ...frame, body: { S: json } };
  const item =
    writeUnitsOf(plain) === 1
      ? plain
      : cheaper(plain, { ...frame, packed: { B: deflateRawSync(json).toString('base64') } });
  const bytes = bytesOf(item);
  if (bytes <= MOST_BYTES) return item;
  const code = `the ${kind} ${key} has ${bytes} bytes, at most ${MOST_BYTES} are stored`;
  throw new AwsError('dynamodb.PutItem', 'refused', { code });
};

const frameOf = (kind: RecordKind, key: string, { version, writer, dueMs, nowMs }: Writing): Item => {
  const days = RETENTION_DAYS[kind];
  return {
    ...keyOf(kind, key),
    version: { N: String(version) },
    shape: { N: String(RECORD_VERSIONS[kind]) },
    writer: { S: writer },
    ...(dueMs !== null && { [TABLE.due.partitionKey]: { S: kind }, [TABLE.due.sortKey]: { N: String(dueMs) } }),
    ...(days !== null && { [TABLE.expiry]: { N: String(Math.floor(nowMs / 1000) + days * DAY_SECONDS) } }),
  };
};

/** Text can be read in the console of AWS: it stays unless packing saves money. */
const cheaper = (plain: Item, packed: Item): Item => (writeUnitsOf(packed) < writeUnitsOf(plain) ? packed : plain);

const memberOf = (thing: unknown, name: string): unknown =>
  typeof thing === 'object' && thing !== null ? Reflect.get(thing, name) : undefined;

/** Text of an attribute, '' when it has none. */
export const textIn = (item: unknown, name: string): string => {
  const text = memberOf(memberOf(item, name), 'S');
  return typeof text === 'string' ? text : '';
};

/** NaN when it has none. */
export const numberIn = (item: unknown, name: string): number => {
  const digits = memberOf(memberOf(item, name), 'N');
  return typeof digits === 'string' && digits !== '' ? Number(digits) : Number.NaN;
};

const jsonIn = (item: unknown): string => {
  const packed = memberOf(memberOf(item, 'packed'), 'B');
  return typeof packed === 'string' ? inflateRawSync(Buffer.from(packed, 'base64')).toString() : textIn(item, 'body');
};

/** The errors of the parsers are dropped: they would quote the text. */
const bodyIn = (item: unknown): unknown => {
  try {
    const body: unknown = JSON.parse(jsonIn(item));
    return body;
  } catch {
    return undefined;
  }
};

/** The shape's version says that the body is what this program wrote; the type follows from that and is not checked again. */
const isRecord = <K extends RecordKind>(_kind: K, value: unknown): value is Records[K] =>
  typeof value === 'object' && value !== null;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

/** Throws `NewerRecord`, or `AwsError` (unreadable) when it is nothing that this program wrote. Neither ever quotes what is in it. */
export const fromItem = <K extends RecordKind>(kind: K, key: string, item: unknown): Stored<Records[K]> => {
  const shape = numberIn(item, 'shape');
  if (shape > RECORD_VERSIONS[kind]) throw new NewerRecord(kind, key, shape);
  const version = numberIn(item, 'version');
  if (!isCount(shape) || !isCount(version)) throw damaged(kind, key, 'no version');
  const record = bodyIn(item);
  if (!isRecord(kind, record)) throw damaged(kind, key, 'no readable body');
  return { record, version };
};

const damaged = (kind: RecordKind, key: string, what: string): AwsError =>
  new AwsError('dynamodb', 'unreadable', { code: `the ${kind} ${key} is damaged or not ours: ${what}` });
