// The two blocks in ClickHouse's Native format that the front writes itself: the answer to the driver's first question,
// and the head of an answer without rows, of which chDB writes nothing.
//
// clickhouse-go asks first in its own protocol version and decodes accordingly; from the answer it takes the server's
// revision, and all that follows it decodes in that. chDB writes Native of revision 0, so that is what the answer names.

/** The first question as the driver sends it, in canonical form. */
export const HELLO = 'SELECT displayName(), version(), revision(), timezone()';

const NAME = 'Fenghuo';
/** From these on a block begins with its info, and a column says whether it is serialised in a form of its own. */
const WITH_BLOCK_INFO = 1;
const WITH_CUSTOM_SERIALIZATION = 54_454;

/** A column of a block: its value of one row, or none. */
interface Column {
  readonly name: string;
  readonly type: string;
  readonly value?: Buffer;
}

/**
 * The answer to the first question.
 * @param protocolVersion of the client; 0 for plain Native
 */
export function helloBlock(protocolVersion: number, version: string, timezone: string): Buffer {
  const columns = [
    { name: 'displayName()', type: 'String', value: text(NAME) },
    { name: 'version()', type: 'String', value: text(version) },
    { name: 'revision()', type: 'UInt32', value: Buffer.alloc(4) },
    { name: 'timezone()', type: 'String', value: text(timezone) },
  ];
  return block(columns, 1, protocolVersion);
}

/** The columns of an answer that has no row, so that a reader knows them. */
export function emptyBlock(columns: readonly Column[]): Buffer {
  return block(columns, 0, 0);
}

/**
 * One block of at most one row.
 *
 *   block info: 1, is_overflows u8 = 0, 2, bucket_num i32 = -1, 0    version > 0
 *   columns varint, rows varint
 *   per column: name string, type string, custom u8 = 0 (version >= 54454), value
 *
 * A string is its length as a varint and its bytes; integers are little-endian.
 */
function block(columns: readonly Column[], rows: number, protocolVersion: number): Buffer {
  const parts: Buffer[] = [];
  if (protocolVersion >= WITH_BLOCK_INFO) parts.push(Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]));
  parts.push(varint(columns.length), varint(rows));
  for (const { name, type, value } of columns) {
    parts.push(text(name), text(type));
    if (protocolVersion >= WITH_CUSTOM_SERIALIZATION) parts.push(Buffer.alloc(1));
    if (value !== undefined) parts.push(value);
  }
  return Buffer.concat(parts);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  bytes.push(left);
  return Buffer.from(bytes);
}
