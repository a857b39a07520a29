// What models may read of each source: the streams that arrive, and the warnings that other models raise.
import type { SourceName } from './event.js';
import type { Field, Fields } from './fields.js';
import { STREAM_DECLARATIONS, streamFields, type StreamDeclaration } from './streams.js';

const text = (description: string): Field => ({ type: { type: 'string' }, optional: false, description });

/** One event for each warning; its newest version replaces the last. `time` is when it was raised. */
const WARNING_FIELDS: Fields = {
  ...envelopeFields(),
  warning: text('预警编号 id of the warning'),
  model: text('模型 model that raised it'),
  domain: text('领域 domain of its item'),
  item: text('事项 item'),
  department: text('牵头部门 lead department of the item'),
  level: text('当前级别 level now: red, orange, yellow, blue, none'),
  previous: text('先前级别 level before'),
  scope: text('预警对象类型 scope of the model'),
  key: text('预警对象 id of the key that it was raised on'),
};

/** How the warnings of models behave, told as of a stream that arrives. */
const WARNING_DECLARATION: StreamDeclaration = {
  revocable: true,
  usualDelayMs: 0,
  highRate: false,
  personal: [],
  number: null,
};

/** What `event.` offers in expressions over a source: its fields and id, source, stream, time, at. */
export function sourceFields(source: SourceName): Fields {
  return source === 'warning' ? WARNING_FIELDS : streamFields(source);
}

/** How a source behaves. */
export function declarationOf(source: SourceName): StreamDeclaration {
  return source === 'warning' ? WARNING_DECLARATION : STREAM_DECLARATIONS[source];
}

/** What every event has beside its data. */
function envelopeFields(): Fields {
  const names = ['id', 'source', 'stream', 'time', 'at'];
  return Object.fromEntries(
    Object.entries(streamFields('complaint')).filter(([name]) => names.includes(name)),
  );
}
