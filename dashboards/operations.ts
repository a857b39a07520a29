// 系统运行: whether the program itself keeps up, what it refuses, and what it cannot reach.
import type { BoardSpec } from './board.js';

const DEPARTMENTS = { board: 'department', title: '看推送到的部门' } as const;
const OVERVIEW = { board: 'overview', title: '看总览' } as const;
const MODELS = { board: 'models', title: '看模型' } as const;
const SENSORS = { board: 'sensors', title: '看感知设备' } as const;

export const OPERATIONS: BoardSpec = {
  board: 'operations',
  title: '系统运行',
  description:
    '接入、研判、推送、归档是否跟得上，拒收了什么，依赖的服务是否可用。指标的含义见 infra/prometheus/README.md。',
  from: 'now-6h',
  panels: [
    {
      kind: 'now',
      title: '待处理',
      asks: '各环节还有多少条记录没有处理？',
      queries: [{ expr: 'sum by (role) (fenghuo_log_lag_records)', legend: '{{role}}' }],
      bounds: [10_000, 50_000],
      size: [8, 4],
      leads: OVERVIEW,
    },
    {
      kind: 'now',
      title: '时钟落后',
      asks: '研判的时钟比现在慢多少，到期的预警会晚多久？',
      queries: [{ expr: 'time() - min(fenghuo_evaluate_clock_timestamp_seconds)', legend: '时钟' }],
      unit: 's',
      bounds: [30, 300],
      size: [4, 4],
      leads: OVERVIEW,
    },
    {
      kind: 'now',
      title: '依赖服务',
      asks: '消息队列、状态库和数据仓库有几个进程连不上？',
      queries: [
        {
          expr: 'count by (store) (fenghuo_store_up == 0) or sum by (store) (fenghuo_store_up) * 0',
          legend: '{{store}}',
        },
      ],
      bounds: [1, 2],
      size: [8, 4],
      leads: OVERVIEW,
    },
    {
      kind: 'now',
      title: '磁盘余量',
      asks: '数据所在的磁盘还剩多大比例？',
      queries: [{ expr: 'min(fenghuo_disk_free_bytes / fenghuo_disk_size_bytes)', legend: '余量' }],
      unit: 'percentunit',
      bounds: [0.2, 0.1],
      size: [4, 4],
      leads: OVERVIEW,
    },
    {
      kind: 'course',
      title: '接入',
      asks: '每秒接收多少事件，各是什么数据？',
      queries: [
        {
          expr: 'sum by (stream) (rate(fenghuo_events_accepted_total[$__rate_interval]))',
          legend: '{{stream}}',
        },
      ],
      unit: 'eps',
      size: [12, 8],
      leads: SENSORS,
    },
    {
      kind: 'course',
      title: '拒收',
      asks: '每分钟拒收多少事件，因为什么？',
      queries: [
        {
          expr: 'sum by (code) (rate(fenghuo_events_refused_total[$__rate_interval])) * 60',
          legend: '{{code}}',
        },
        { expr: 'sum(increase(fenghuo_events_held_back_total[$__rate_interval]))', legend: '时钟超前' },
      ],
      size: [12, 8],
      leads: SENSORS,
    },
    {
      kind: 'course',
      title: '积压',
      asks: '各环节等待处理的记录是在增加还是减少？',
      queries: [
        { expr: 'sum by (role, log) (fenghuo_log_lag_records)', legend: '{{role}} {{log}}' },
        { expr: 'sum by (topic) (fenghuo_raw_lag_records)', legend: '{{topic}}' },
      ],
      size: [12, 8],
      leads: OVERVIEW,
    },
    {
      kind: 'course',
      title: '每批用时',
      asks: '处理一批记录、保存一次进度要多久（99% 不超过此值）？',
      queries: [
        {
          expr: 'histogram_quantile(0.99, sum by (role, le) (rate(fenghuo_round_seconds_bucket[$__rate_interval])))',
          legend: '{{role}}',
        },
        {
          expr: 'histogram_quantile(0.99, sum by (le) (rate(fenghuo_checkpoint_seconds_bucket[$__rate_interval])))',
          legend: '保存进度',
        },
      ],
      unit: 's',
      size: [12, 8],
      leads: OVERVIEW,
    },
    {
      kind: 'course',
      title: '研判',
      asks: '每秒研判多少事件，多少次求值，有多少重复、撤销和迟到？',
      queries: [
        { expr: 'sum(rate(fenghuo_events_evaluated_total[$__rate_interval]))', legend: '事件' },
        { expr: 'sum(rate(fenghuo_evaluations_total[$__rate_interval]))', legend: '求值' },
        {
          expr: 'sum by (verdict) (rate(fenghuo_event_verdicts_total[$__rate_interval]))',
          legend: '{{verdict}}',
        },
        { expr: 'sum(rate(fenghuo_events_late_total[$__rate_interval]))', legend: '迟到' },
      ],
      size: [12, 8],
      leads: MODELS,
    },
    {
      kind: 'course',
      title: '无法计算的指标',
      asks: '哪些模型有无法计算的值，或者缺少字段？',
      queries: [
        {
          expr: 'topk(10, sum by (model, code) (increase(fenghuo_unknown_values_total[$__rate_interval])))',
          legend: '{{model}} {{code}}',
        },
        {
          expr: 'topk(10, sum by (model, field) (increase(fenghuo_fields_missing_total[$__rate_interval])))',
          legend: '{{model}} {{field}}',
        },
      ],
      size: [12, 8],
      leads: MODELS,
    },
    {
      kind: 'course',
      title: '推送',
      asks: '每分钟推送多少条，各渠道成败如何，还有多少在等？',
      queries: [
        {
          expr: 'sum by (channel, outcome) (rate(fenghuo_delivery_attempts_total[$__rate_interval])) * 60',
          legend: '{{channel}} {{outcome}}',
        },
        { expr: 'sum by (channel) (fenghuo_delivery_queue_messages)', legend: '{{channel}} 等待' },
        { expr: 'sum by (channel) (fenghuo_delivery_open_circuits)', legend: '{{channel}} 暂停的地址' },
      ],
      size: [12, 8],
      leads: DEPARTMENTS,
    },
    {
      kind: 'course',
      title: '需要人工处理',
      asks: '出现了哪些需要运行人员处理的情况，有多少推送失败，多少事项逾期？',
      queries: [
        {
          expr: 'sum by (code) (increase(fenghuo_operator_alerts_by_code_total[$__rate_interval]))',
          legend: '{{code}}',
        },
        { expr: 'max(increase(fenghuo_deliveries_undeliverable_total[$__rate_interval]))', legend: '送不到' },
        {
          expr: 'sum by (kind) (increase(fenghuo_deadlines_missed_total[$__rate_interval]))',
          legend: '逾期 {{kind}}',
        },
      ],
      size: [12, 8],
      leads: DEPARTMENTS,
    },
    {
      kind: 'course',
      title: '状态数量',
      asks: '保存了多少对象和设备的状态，其中多少在内存里？',
      queries: [
        { expr: 'sum by (stratum) (fenghuo_state_keys)', legend: '第 {{stratum}} 层' },
        { expr: 'sum(fenghuo_evaluate_cached_keys)', legend: '内存中' },
      ],
      size: [8, 8],
      leads: MODELS,
    },
    {
      kind: 'course',
      title: '状态大小',
      asks: '这些状态占多少空间，是否在增长？',
      queries: [{ expr: 'sum by (stratum) (fenghuo_state_bytes)', legend: '第 {{stratum}} 层' }],
      unit: 'bytes',
      size: [8, 8],
      leads: MODELS,
    },
    {
      kind: 'course',
      title: '内存',
      asks: '每个进程用了多少内存？',
      queries: [{ expr: 'process_resident_memory_bytes{job="fenghuo"}', legend: '{{instance}}' }],
      unit: 'bytes',
      size: [8, 8],
      leads: OVERVIEW,
    },
    {
      kind: 'course',
      title: '处理器',
      asks: '每个进程用了几个处理器核？',
      queries: [
        { expr: 'rate(process_cpu_seconds_total{job="fenghuo"}[$__rate_interval])', legend: '{{instance}}' },
      ],
      size: [8, 8],
      leads: OVERVIEW,
    },
    {
      kind: 'course',
      title: '数据占用',
      asks: '单机运行时，日志和状态（lmdb）、数据仓库（warehouse）各占多少磁盘，增长多快？',
      queries: [{ expr: 'sum by (store) (fenghuo_store_size_bytes)', legend: '{{store}}' }],
      unit: 'bytes',
      size: [8, 8],
      leads: OVERVIEW,
    },
    {
      kind: 'course',
      title: '封印和规则',
      asks: '证据封印有没有交出去，换规则有没有被拒绝或者还在读历史？',
      queries: [
        { expr: 'max by (holder) (fenghuo_seals_waiting)', legend: '待交 {{holder}}' },
        { expr: 'max(fenghuo_rules_priming)', legend: '正在读历史' },
        {
          expr: 'sum by (outcome) (increase(fenghuo_rules_reloads_total[$__rate_interval]))',
          legend: '换规则 {{outcome}}',
        },
      ],
      size: [8, 8],
      leads: MODELS,
    },
    {
      kind: 'rows',
      title: '数据来源',
      asks: '哪些数据来源中断了，最近一天收到的和平时差多少？',
      from: 'operations/sources',
      size: [12, 10],
      leads: SENSORS,
      columns: ['source', 'latest', 'hours', 'day_total', 'usual'],
    },
    {
      kind: 'rows',
      title: '拒收明细',
      asks: '哪些来源的数据被拒收，因为什么，各多少条？',
      from: 'operations/refused',
      size: [12, 10],
      leads: OVERVIEW,
      columns: ['source', 'code', 'total'],
    },
  ],
};
