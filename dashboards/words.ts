// What stands in the columns of the queries, in the words of officials, and the colours of the four levels.
import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  DUTY_NAMES,
  FINDING_NAMES,
  LEVEL_NAMES,
  REASON_NAMES,
  STATUS_NAMES,
  STREAM_NAMES,
} from '../src/adapters/http/pages/words.js';
import type { SUBJECT_KINDS } from '../src/events/streams/registration.js';

export const LEVEL_COLOURS = {
  red: '#d5202a',
  orange: '#f08300',
  yellow: '#f2cc0c',
  blue: '#1f6fd6',
} as const;

/** Of figures that are no matter of concern. */
export const NEUTRAL = '#6b7a90';

/** Texts by value, with colours where they have some. */
export const mapped = (
  names: { readonly [code: string]: string },
  colours: { readonly [code: string]: string } = {},
) => {
  const options: ValueMap['options'] = {};
  for (const [index, [code, text]] of Object.entries(names).entries()) {
    const color = colours[code];
    options[code] = color === undefined ? { text, index } : { text, color, index };
  }
  return [{ type: MappingType.ValueToText, options }] satisfies ValueMap[];
};

/** Models that a panel shows together. */
export const OTHER_MODELS = '其他模型';

/** Domains of supervision, as the folders of the rules are named. */
export const DOMAIN_NAMES: { readonly [domain: string]: string } = {
  construction: '建设工程',
  credit: '公共信用',
  drugs: '药品',
  ecology: '生态环境',
  elderly: '养老服务',
  finance: '非法金融活动',
  fireworks: '烟花爆竹',
  fisheries: '渔业渔船',
  food: '食品',
  fuel: '成品油',
  gas: '城镇燃气',
  hazchem: '危险化学品',
  'intellectual-property': '知识产权',
  joint: '跨部门综合',
  'medical-devices': '医疗器械',
  'medical-insurance': '医疗保障基金',
  nonroad: '非道路移动机械',
  prepaid: '单用途预付卡',
  sanitation: '环境卫生',
  'self-built': '自建房',
  'special-equipment': '特种设备',
  transport: '交通运输',
  tutoring: '校外培训',
  'vehicle-recycling': '报废机动车回收',
  wages: '农民工工资',
  water: '供水',
};

/** Of what a risk index is made. */
const COMPONENT_NAMES = {
  penalties: '行政处罚',
  inspections: '检查不合格',
  complaints: '投诉举报',
  judgments: '司法裁判',
  listings: '失信惩戒',
  opinions: '舆情',
  warnings: '预警',
};

const SUBJECT_KIND_NAMES: { readonly [kind in (typeof SUBJECT_KINDS)[number]]: string } = {
  enterprise: '企业',
  'sole-trader': '个体工商户',
  cooperative: '农民专业合作社',
  institution: '机构',
  facility: '设施',
  device: '设备',
  place: '场所',
  project: '项目',
  product: '产品',
  area: '区域',
  site: '站点',
};
const REGISTERED_NAMES = { active: '存续', suspended: '停业', revoked: '吊销', cancelled: '注销' };
const CREDIT_KIND_NAMES = {
  evaluation: '信用评价',
  'dishonesty-listed': '列入失信名单',
  'abnormal-listed': '列入经营异常名录',
  repaired: '信用修复',
};

/** Texts for the values of columns, by the column's name. */
export const VALUES: { readonly [column: string]: ValueMap[] } = {
  level: mapped(LEVEL_NAMES, LEVEL_COLOURS),
  gravest: mapped(LEVEL_NAMES, LEVEL_COLOURS),
  grade: mapped({ 1: '蓝色', 2: '黄色', 3: '橙色', 4: '红色' }),
  status: mapped(STATUS_NAMES),
  state: mapped(REGISTERED_NAMES),
  finding: mapped(FINDING_NAMES),
  stream: mapped(STREAM_NAMES),
  what: mapped(STREAM_NAMES),
  detail: mapped(REASON_NAMES),
  kind: mapped({
    ...DUTY_NAMES,
    ...SUBJECT_KIND_NAMES,
    ...CREDIT_KIND_NAMES,
    event: '事件',
    warning: '预警',
    registration: '登记',
    joint: '联合检查',
    shadow: '试运行',
    live: '正式',
  }),
  drawn: mapped({ true: '双随机抽查', false: '线索触发' }),
  credit: mapped({ unknown: '未评级' }),
  component: mapped(COMPONENT_NAMES),
};

/** Titles of columns. */
export const COLUMNS: { readonly [column: string]: string } = {
  time: '时间',
  raised: '发出时间',
  issued: '新发预警',
  metrics: '监测指标',
  due: '期限',
  level: '级别',
  gravest: '最高级别',
  title: '预警事项',
  name: '名称',
  key: '对象代码',
  region: '地区',
  domain: '领域',
  domains: '领域',
  status: '状态',
  state: '登记状态',
  lead: '牵头部门',
  department: '部门',
  departments: '参与部门',
  item: '监管事项',
  items: '监管事项',
  warning: '预警编号',
  model: '模型',
  kind: '种类',
  what: '内容',
  detail: '说明',
  event: '事件编号',
  finding: '核实结果',
  total: '数量',
  open: '未办结',
  closed: '已办结',
  overdue: '逾期',
  red: '红色',
  orange: '橙色',
  yellow: '黄色',
  blue: '蓝色',
  kept: '按期',
  missed: '逾期',
  share: '按期率',
  bad_share: '异常占比',
  confirmed: '属实',
  refuted: '不属实',
  precision: '属实率',
  low: '下限（95%）',
  high: '上限（95%）',
  per_day: '每日预警',
  withdrawn: '撤回',
  hours_to_sign: '签收用时',
  harms: '造成损害',
  hours_of_lead: '提前量',
  hours_taken: '平均用时',
  delivered: '已送达',
  undeliverable: '未能送达',
  industry: '行业',
  grade: '最高级别',
  judged: '已核实',
  index: '风险指数',
  points: '风险分值',
  subjects: '监管对象',
  events: '事件',
  credit: '信用等级',
  component: '构成',
  reason: '原因',
  tags: '标签',
  since: '登记时间',
  device: '设备',
  metric: '指标',
  latest: '最近一次',
  readings: '读数',
  hours: '静默时长',
  bad: '异常读数',
  findings: '识别',
  mean: '平均',
  lowest: '最低',
  highest: '最高',
  indicator: '指标',
  replay: '回放',
  shadow: '试运行',
  live: '正式',
  both: '两者相同',
  stream: '数据流',
  tasks: '联合检查',
  ...COMPONENT_NAMES,
  source: '数据来源',
  code: '原因代码',
  day_total: '最近 24 小时',
  usual: '此前一周日均',
  drawn: '来由',
};
