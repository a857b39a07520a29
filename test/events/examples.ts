// Realistic data of every stream, complete and valid.
import type { JsonObject, StreamName } from '../../src/events/event.js';

export const USCC = '91110000802100433B';

export const EXAMPLES: { readonly [S in StreamName]: JsonObject } = {
  complaint: {
    category: '食品过期',
    content: '在该店购买的牛奶已过期三天，要求退款赔偿',
    channel: '12345',
    complainant: '张三',
    complainant_phone: '138 0000 1234',
    amount: 56.8,
    demand: '退一赔十',
    injured: 0,
    anonymous: false,
    region: '110108',
    department: 'market-regulation',
  },
  inspection: {
    inspection: '京海市监检〔2026〕118号',
    result: 'fail',
    method: 'random',
    item: 'food-operation',
    problems: [
      { code: 'F-03', description: '冷藏温度不达标', severity: 'major' },
      { code: 'F-11', severity: null, photo: 'a.jpg' },
    ],
    score: 71.5,
    inspector: '李四',
    deadline: '2026-03-15',
  },
  penalty: {
    document: '京海市监罚〔2026〕27号',
    kind: 'fine',
    amount: 50000,
    law: '食品安全法',
    article: '第一百二十四条',
    articles: ['第三十四条', '第一百二十四条'],
    act_time: '2026-01-20',
    deadline: '2026-03-01T17:00:00+08:00',
    responsible: '王五',
  },
  'credit-change': {
    credit: 'D',
    previous: 'B',
    kind: 'dishonesty-listed',
    list_name: '严重违法失信名单',
    reason: '提供虚假材料',
  },
  'sensor-reading': {
    metric: 'methane',
    value: 1.25,
    unit: '%LEL',
    quality: 'good',
    finding: 'leak-suspected',
    media: 'https://media.example/a.jpg',
    media_hash: 'a'.repeat(64),
    confidence: 0.93,
  },
  opinion: {
    platform: 'weibo',
    title: '某餐厅后厨卫生堪忧',
    topic: '食品安全',
    sentiment: -0.8,
    heat: 12000,
    url: 'https://news.example/1',
    author: '网友甲',
  },
  judgment: {
    case_no: '（2026）京0108执1234号',
    court: '海淀区人民法院',
    kind: 'enforcement',
    cause: '买卖合同纠纷',
    role: 'executed',
    result: '终结本次执行',
    amount: 880000,
    dishonest: true,
    person: '赵六',
  },
  registration: {
    kind: 'enterprise',
    name: '某某餐饮有限公司',
    owner: USCC,
    industry: 'H6210',
    tags: ['食品经营', '学校周边'],
    credit: 'B',
    status: 'active',
    established: '2015-06-01',
    licence_until: '2027-06-01',
    cadence: 600,
    address: '海淀区中关村大街1号',
    longitude: 116.31,
    latitude: 39.98,
    capacity: 120,
    legal_representative: '钱七',
    phone: '13900005678',
    region: '110108',
    place: '中关村市场',
  },
  rectification: {
    inspection: '京海市监检〔2026〕118号',
    result: 'done',
    verified: true,
    content: '已更换冷柜',
  },
};

/** A CloudEvent around the example of a stream; `changes` replace attributes, undefined removes them. */
export function cloudEvent(
  stream: StreamName,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const event: Record<string, unknown> = {
    specversion: '1.0',
    id: 'e-1',
    source: '/12345/haidian',
    type: `fenghuo.${stream}`,
    subject: stream === 'sensor-reading' ? 'meter:17' : USCC,
    time: '2026-03-01T09:30:00+08:00',
    data: EXAMPLES[stream],
    ...changes,
  };
  for (const name of Object.keys(event)) if (event[name] === undefined) delete event[name];
  return event;
}
