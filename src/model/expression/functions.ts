// The functions of the dialect: one table, from which the check, the docs and the editor take them.

export interface FunctionEntry {
  /** As it is written; those of `math` with the prefix. */
  readonly name: string;
  /** Every form, parted by `; `. `any` takes all types; `...` repeats the last argument. */
  readonly signature: string;
  /** English, for docs. */
  readonly meaning: string;
  /** Chinese, for docs and editors. */
  readonly zh: string;
  /** Steps that one call may cost beyond its arguments; 5 where not given. */
  readonly cost?: number;
  /** True where the check has rules of its own for it. */
  readonly special?: true;
}

const TEXT_COST = 10;

const MACROS: readonly FunctionEntry[] = [
  {
    name: 'has',
    signature: 'has(event.field) -> bool',
    meaning: 'Whether the field is there and not null; never null itself.',
    zh: '字段是否存在且不为空；结果只有真、假。',
    special: true,
  },
  {
    name: 'exists',
    signature: 'list.exists(x, bool) -> bool',
    meaning: 'Whether the condition holds for at least one element, named x.',
    zh: '列表中是否至少有一个元素（记作 x）满足条件。',
    special: true,
  },
  {
    name: 'all',
    signature: 'list.all(x, bool) -> bool',
    meaning: 'Whether the condition holds for every element; true for an empty list.',
    zh: '列表中是否每个元素都满足条件；空列表为真。',
    special: true,
  },
  {
    name: 'exists_one',
    signature: 'list.exists_one(x, bool) -> bool',
    meaning: 'Whether the condition holds for exactly one element.',
    zh: '列表中是否恰有一个元素满足条件。',
    special: true,
  },
  {
    name: 'filter',
    signature: 'list.filter(x, bool) -> list',
    meaning: 'The elements for which the condition holds; null counts as false.',
    zh: '取出满足条件的元素；条件为空视为假。',
    special: true,
  },
  {
    name: 'map',
    signature: 'list.map(x, any) -> list; list.map(x, bool, any) -> list',
    meaning:
      'The list of the values computed from each element; with a condition, from those that satisfy it.',
    zh: '由每个元素（可先按条件筛选）计算出的新列表。',
    special: true,
  },
  {
    name: 'list',
    signature: 'x in list("name") -> bool',
    meaning: 'Whether the text is in that list of the catalogue; only right of `in`.',
    zh: '文本是否在名录 catalogue/lists 的该名单中；只能写在 in 的右边。',
    special: true,
  },
];

const TEXTS: readonly FunctionEntry[] = [
  {
    name: 'size',
    signature:
      'size(string) -> number; size(list) -> number; size(object) -> number; string.size() -> number; list.size() -> number; object.size() -> number',
    meaning: 'Characters of a text, elements of a list, fields of an object.',
    zh: '文本的字数、列表的元素个数或对象的字段个数。',
    cost: TEXT_COST,
  },
  {
    name: 'contains',
    signature: 'string.contains(string) -> bool',
    meaning: 'Whether the text contains the other.',
    zh: '文本是否包含另一文本。',
    cost: TEXT_COST,
  },
  {
    name: 'startsWith',
    signature: 'string.startsWith(string) -> bool',
    meaning: 'Whether the text starts with the other.',
    zh: '文本是否以另一文本开头。',
  },
  {
    name: 'endsWith',
    signature: 'string.endsWith(string) -> bool',
    meaning: 'Whether the text ends with the other.',
    zh: '文本是否以另一文本结尾。',
  },
  {
    name: 'matches',
    signature: 'string.matches("pattern") -> bool; matches(string, "pattern") -> bool',
    meaning:
      'Whether a part of the text matches the regular expression (RE2 syntax, a literal); ^ and $ anchor.',
    zh: '文本中是否有一段符合正则表达式（RE2 语法，须为字面量）；用 ^ 与 $ 限定首尾。',
    special: true,
  },
  {
    name: 'lowerAscii',
    signature: 'string.lowerAscii() -> string',
    meaning: 'A to Z in lower case.',
    zh: '英文字母转为小写。',
    cost: TEXT_COST,
  },
  {
    name: 'upperAscii',
    signature: 'string.upperAscii() -> string',
    meaning: 'a to z in upper case.',
    zh: '英文字母转为大写。',
    cost: TEXT_COST,
  },
  {
    name: 'trim',
    signature: 'string.trim() -> string',
    meaning: 'Without white space at both ends.',
    zh: '去掉首尾空白。',
    cost: TEXT_COST,
  },
  {
    name: 'replace',
    signature: 'string.replace(string, string) -> string; string.replace(string, string, number) -> string',
    meaning: 'With every occurrence of the first replaced by the second, or only so many of them.',
    zh: '把第一个文本替换为第二个，可限定次数。',
    cost: 2 * TEXT_COST,
  },
  {
    name: 'split',
    signature: 'string.split(string) -> list<string>; string.split(string, number) -> list<string>',
    meaning: 'The parts between separators, at most so many; the last one holds the rest.',
    zh: '按分隔符拆成列表，可限定段数，末段为余下部分。',
    cost: 2 * TEXT_COST,
  },
  {
    name: 'join',
    signature: 'list.join() -> string; list.join(string) -> string',
    meaning: 'The texts of a list put together, with the separator between them.',
    zh: '把文本列表连成一个文本，可加分隔符。',
    cost: 1000,
  },
  {
    name: 'substring',
    signature: 'string.substring(number) -> string; string.substring(number, number) -> string',
    meaning: 'From that character (counted from 0) to the end, or up to but without the second.',
    zh: '从某字（自 0 数起）到末尾，或到第二个位置之前。',
    cost: TEXT_COST,
  },
  {
    name: 'indexOf',
    signature: 'string.indexOf(string) -> number; string.indexOf(string, number) -> number',
    meaning: 'The first place of the other text, at or after a position; -1 where it is not.',
    zh: '另一文本首次出现的位置（可指定起点）；没有则为 -1。',
    cost: TEXT_COST,
  },
  {
    name: 'lastIndexOf',
    signature: 'string.lastIndexOf(string) -> number; string.lastIndexOf(string, number) -> number',
    meaning: 'The last place of the other text, at or before a position; -1 where it is not.',
    zh: '另一文本最后出现的位置（可指定上限）；没有则为 -1。',
    cost: TEXT_COST,
  },
  {
    name: 'charAt',
    signature: 'string.charAt(number) -> string',
    meaning: 'The character at that position, counted from 0; empty at the end.',
    zh: '某位置（自 0 数起）的字；恰在末尾时为空文本。',
    cost: TEXT_COST,
  },
  {
    name: 'reverse',
    signature: 'string.reverse() -> string',
    meaning: 'The characters in reverse order.',
    zh: '把文本倒过来。',
    cost: TEXT_COST,
  },
];

const CONVERSIONS: readonly FunctionEntry[] = [
  {
    name: 'string',
    signature:
      'string(string) -> string; string(number) -> string; string(bool) -> string; string(timestamp) -> string; string(duration) -> string',
    meaning: 'As text; timestamps as RFC 3339 in UTC without needless digits, durations as seconds with s.',
    zh: '转为文本；时刻为 UTC 的 RFC 3339 形式，时长为秒数加 s。',
    cost: 10,
  },
  {
    name: 'double',
    signature: 'double(number) -> number; double(string) -> number',
    meaning: 'As number; an error where the text is none.',
    zh: '转为数字；文本不是数字则为错误。',
    cost: 10,
  },
  {
    name: 'int',
    signature: 'int(number) -> number; int(string) -> number; int(timestamp) -> number',
    meaning: 'As whole number, cut towards zero; of a timestamp the seconds since 1970.',
    zh: '转为整数（向零取整）；时刻转为 1970 年以来的秒数。',
    cost: 10,
  },
  {
    name: 'bool',
    signature: 'bool(bool) -> bool; bool(string) -> bool',
    meaning: 'As truth value: "true", "t", "1" and "false", "f", "0".',
    zh: '转为真假：true、t、1 与 false、f、0。',
  },
];

const TIMES: readonly FunctionEntry[] = [
  {
    name: 'days',
    signature: 'days(number) -> duration',
    meaning: 'So many days of 86,400 s.',
    zh: '若干天（每天 86400 秒）。',
  },
  { name: 'hours', signature: 'hours(number) -> duration', meaning: 'So many hours.', zh: '若干小时。' },
  {
    name: 'minutes',
    signature: 'minutes(number) -> duration',
    meaning: 'So many minutes.',
    zh: '若干分钟。',
  },
  { name: 'seconds', signature: 'seconds(number) -> duration', meaning: 'So many seconds.', zh: '若干秒。' },
  {
    name: 'duration',
    signature: 'duration(string) -> duration; duration(duration) -> duration',
    meaning: 'A span such as "36h", "1h30m" or "-90s"; units h m s ms us ns.',
    zh: '时长，如 "36h"、"1h30m"、"-90s"；单位 h m s ms us ns。',
    cost: 20,
  },
  {
    name: 'timestamp',
    signature:
      'timestamp(string) -> timestamp; timestamp(timestamp) -> timestamp; timestamp(number) -> timestamp',
    meaning:
      'An instant from RFC 3339 with offset, such as "2026-01-01T00:00:00+08:00", or from seconds since 1970.',
    zh: '时刻，如 "2026-01-01T00:00:00+08:00"（须带时区），或 1970 年以来的秒数。',
    cost: 40,
  },
  {
    name: 'workdays',
    signature: 'workdays(timestamp, timestamp) -> number',
    meaning: 'Working days after the first up to the second, by the calendar of the catalogue.',
    zh: '第一个时刻之后至第二个时刻的工作日数（按节假日与调休日历）。',
    cost: 200,
  },
  {
    name: 'local',
    signature: 'local(timestamp) -> local',
    meaning: 'year, month 1-12, day, hour, minute, weekday 1 (Monday) to 7 (Sunday) in the configured zone.',
    zh: '当地时间的 year、month（1-12）、day、hour、minute、weekday（1 周一至 7 周日）。',
    cost: 20,
  },
];

const NUMBERS: readonly FunctionEntry[] = [
  {
    name: 'math.abs',
    signature: 'math.abs(number) -> number; math.abs(duration) -> duration',
    meaning: 'Without its sign.',
    zh: '绝对值。',
  },
  { name: 'math.ceil', signature: 'math.ceil(number) -> number', meaning: 'Rounded up.', zh: '向上取整。' },
  {
    name: 'math.floor',
    signature: 'math.floor(number) -> number',
    meaning: 'Rounded down.',
    zh: '向下取整。',
  },
  {
    name: 'math.round',
    signature: 'math.round(number) -> number',
    meaning: 'To the nearest whole number, halves away from zero.',
    zh: '四舍五入取整（负数同理）。',
  },
  {
    name: 'math.greatest',
    signature:
      'math.greatest(number, ...) -> number; math.greatest(duration, ...) -> duration; math.greatest(timestamp, ...) -> timestamp; math.greatest(list<number>) -> number',
    meaning: 'The greatest; of an empty list null.',
    zh: '最大值；空列表为空值。',
    cost: 100,
  },
  {
    name: 'math.least',
    signature:
      'math.least(number, ...) -> number; math.least(duration, ...) -> duration; math.least(timestamp, ...) -> timestamp; math.least(list<number>) -> number',
    meaning: 'The least; of an empty list null.',
    zh: '最小值；空列表为空值。',
    cost: 100,
  },
];

/** All functions and macros of the dialect. */
export const FUNCTIONS: readonly FunctionEntry[] = [
  ...MACROS,
  ...TEXTS,
  ...CONVERSIONS,
  ...TIMES,
  ...NUMBERS,
];
