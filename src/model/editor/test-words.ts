// What the keys of the tests beside models mean, for authors.
import type { StreamName } from '../../events/event.js';
import type { TEST_PARTS, TEST_SHAPE } from '../tests-shape.js';
import { w, type KeyWords } from './model-words.js';

type KeysOf<S extends { readonly shape: object }> = keyof S['shape'] & string;

export const TEST_WORDS: KeyWords<KeysOf<typeof TEST_SHAPE>> = {
  model: w('所测的模型，与文件路径一致。', 'The model that it tests: the path of the file.'),
  cases: w(
    '用例：至少一个该预警的，一个不该预警的。',
    'The cases: at least one that warns, and one that stays silent.',
  ),
};

export const CASE_WORDS: KeyWords<KeysOf<(typeof TEST_PARTS)['testCase']>> = {
  name: w('这个用例说明什么。', 'What the case shows.'),
  subject: w('监管对象的档案。', 'The profile of the subject.', [{ tags: ['食品经营'], credit: 'B' }]),
  device: w('设备的档案。', 'The profile of the device.'),
  place: w('场所的档案。', 'The profile of the place.'),
  subjects: w('另外的监管对象，按名称。', 'Further subjects, by name.'),
  devices: w('另外的设备，按名称。', 'Further devices, by name.'),
  places: w('另外的场所，按名称。', 'Further places, by name.'),
  events: w('依次收到的事件。', 'The events that arrive.'),
  expect: w(
    '每一次等级变化，不能多也不能少；没有写 []。',
    'Every change of level, no more and no less; [] for none.',
  ),
};

export const EVENT_WORDS: KeyWords<Exclude<KeysOf<(typeof TEST_PARTS)['event']>, StreamName>> = {
  at: w('收到的时间，从第 0 日零点算起，可以为负。', 'When it arrives, from the origin.', ['0d', '2d12h']),
  time: w('发生的时间，不写与 at 相同。', 'When it happened; as at if left out.'),
  id: w('编号，供撤销、更正时指明。', 'An id, by which it is revoked or amended.'),
  source: w('数据源，不写是 urn:fenghuo:test。', 'Its source.'),
  revokes: w('撤销哪一件，写它的 id。', 'The id of the event that it takes back.'),
  amends: w('更正哪一件，写它的 id。', 'The id of the event that it replaces.'),
  backfill: w('true 是补录的历史，不推送。', 'true for history that is loaded after the fact.'),
  subject: w('是哪个监管对象的，写 subjects 里的名字。', 'Whose it is, by its name in subjects.'),
  device: w('是哪台设备的，写 devices 里的名字。', 'Whose it is, by its name in devices.'),
  place: w('是哪个场所的，写 places 里的名字。', 'Whose it is, by its name in places.'),
  times: w('重复几次，字段里的 {n} 依次是 1、2、3。', 'How often it repeats; {n} counts from 1.', [3]),
  every: w('每隔多久重复一次。', 'How far the repetitions lie apart.', ['1d']),
};

export const EXPECTATION_WORDS: KeyWords<KeysOf<(typeof TEST_PARTS)['expectation']>> = {
  at: w('变化的时间。', 'When the level changes.', ['2d']),
  level: w('变成什么等级，none 是解除。', 'The level that is shown then; none where it ends.'),
  key: w('哪个对象，不写是用例自己的。', 'Of which key; the own one of the case if left out.'),
  feed: w(
    '数据断了的预警：key 是一个对象，source 是整个数据源。',
    'A broken cadence: of a key, or of a whole source.',
  ),
};

export const STREAM_WORDS: KeyWords<StreamName> = {
  complaint: w('投诉举报', 'A complaint.'),
  inspection: w('检查', 'An inspection.'),
  penalty: w('行政处罚', 'An administrative penalty.'),
  'credit-change': w('信用变化', 'A change of credit.'),
  'sensor-reading': w('感知设备读数', 'A reading of a device.'),
  opinion: w('舆情', 'Public opinion.'),
  judgment: w('裁判', 'A judgment.'),
  registration: w('登记', 'A registration.'),
  rectification: w('整改', 'A rectification.'),
};
