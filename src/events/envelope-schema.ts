// The schema of the CloudEvents 1.0 envelope as Fenghuo takes it: structured JSON, one event.
import { z } from 'zod';
import { isWellFormed } from './data-limits.js';
import { STREAMS } from './event.js';
import { parseDateTime } from './timestamp.js';

export const TYPE_PREFIX = 'fenghuo.';
const TYPES: ReadonlySet<string> = new Set(STREAMS.map((stream) => TYPE_PREFIX + stream));

/** RFC 3986 characters only: so a source holds no space, and the first space of an event id ends its source. */
const URI_REFERENCE = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]{1,256}$/;

/** No control, format or separator characters except the plain space: ids are listed one a line. */
const VISIBLE = /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u;

const DATE_TIME = '^\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)$';

const dateTime = z
  .string()
  .refine(
    (text) => parseDateTime(text) !== undefined,
    'must be an RFC 3339 time with offset, such as "2026-03-01T09:30:00+08:00"',
  )
  .meta({ pattern: DATE_TIME });

/** Whether a text can be the id of an event within its source. */
export function isEventId(text: string): boolean {
  return VISIBLE.test(text) && isWellFormed(text);
}

/** Whether a text can be the source of an event. */
export function isSource(text: string): boolean {
  return URI_REFERENCE.test(text);
}

const eventId = z
  .string()
  .refine(isEventId, 'must be 1 to 256 visible characters')
  .meta({ minLength: 1, maxLength: 256 });

const source = z
  .string()
  .regex(
    URI_REFERENCE,
    'must be a URI reference without spaces, at most 256 characters, such as "/12345/haidian"',
  );

const jsonMediaType = z
  .string()
  .regex(/^application\/(?:[a-z0-9.-]+\+)?json\s*(?:;.*)?$/i, 'must be application/json');

const type = z
  .string()
  .check((context) => {
    if (TYPES.has(context.value)) return;
    context.issues.push({
      code: 'custom',
      input: context.value,
      message: `must be fenghuo.<stream>, the stream one of ${STREAMS.join(', ')}`,
      params: { code: 'EVENT_UNKNOWN_STREAM' },
    });
  })
  .meta({ enum: [...TYPES] });

/** The attributes that are read; others are allowed by CloudEvents and ignored. Null means not given. */
export const ENVELOPE_SCHEMA = z
  .object({
    specversion: z.literal('1.0', 'must be "1.0"').meta({ description: 'CloudEvents 版本 version' }),
    id: eventId
      .nullish()
      .meta({ description: '事件编号 id, unique within the source; else a hash of the event' }),
    source: source.meta({ description: '来源 who sends it, a URI reference' }),
    type: type.meta({ description: '类型 fenghuo.<stream>' }),
    subject: z
      .string()
      .min(1, 'must not be empty')
      .nullish()
      .meta({ description: '监管对象、设备或场所 the key: USCC or scheme:id; the device of a reading' }),
    time: dateTime.nullish().meta({ description: '发生时间 when it happened; else the arrival counts' }),
    datacontenttype: jsonMediaType.nullish().meta({ description: '数据格式 application/json' }),
    data: z
      .unknown()
      .optional()
      .meta({ description: '数据 fields of the stream; may be left out of a revocation' }),
    recordedtime: dateTime
      .nullish()
      .meta({ description: '登记时间 arrival, for sources declared as recorded: replays and tests' }),
    revokes: eventId.nullish().meta({ description: '撤销 id of the event that this one takes back' }),
    revokessource: source.nullish().meta({ description: '被撤销事件的来源 its source, where another' }),
    amends: eventId.nullish().meta({ description: '更正 id of the event that this one replaces' }),
    amendssource: source.nullish().meta({ description: '被更正事件的来源 its source, where another' }),
    backfill: z
      .union([z.boolean(), z.literal(['true', 'false'])], 'must be true or false')
      .nullish()
      .meta({ description: '历史补录 history loaded after the fact: it counts, and warns nobody' }),
  })
  .meta({ title: 'CloudEvents 1.0 envelope of a Fenghuo event' });

export type Envelope = z.infer<typeof ENVELOPE_SCHEMA>;
