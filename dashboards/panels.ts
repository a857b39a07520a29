// The panels: one question each, from one file of SQL, in the words and colours that all dashboards share.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  FrameGeometrySourceBuilder,
  FrameGeometrySourceMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  MapLayerOptionsBuilder,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as barchart from '@grafana/grafana-foundation-sdk/barchart';
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as geomap from '@grafana/grafana-foundation-sdk/geomap';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { CLICKHOUSE, PROMETHEUS, query, sqlOf } from './clickhouse.js';
import { propertiesOf } from './columns.js';
import { leadsTo, type Board } from './links.js';
import { listedSql, placedSql, seriesSql } from './named-sql.js';
import type { Names } from './names.js';
import { LEVEL_COLOURS, NEUTRAL } from './words.js';

/** What an empty panel says. */
const NOTHING = '无';

/**
 * A panel as it is declared: the question that it answers, its query, its size, and where it leads. Its kinds are bars or lines over
 * time, rows of a table, large figures of one row, ranks as bars beside each other, the parts of a whole on each other for what the
 * first column names, and places on a map.
 */
export interface PanelSpec {
  readonly kind: keyof typeof KINDS;
  readonly title: string;
  /** In the words of whoever asks. */
  readonly asks: string;
  /** File below dashboards/queries, without its ending. */
  readonly from: string;
  /** Of 24 columns, and rows of 30 pixels. */
  readonly size: readonly [width: number, height: number];
  readonly leads: { readonly board: Board; readonly title: string };
  /** Of the query, in its order: figures, and what names them. */
  readonly columns: readonly string[];
  /** Of lines, as Grafana names it. */
  readonly unit?: string;
}

/** A panel over figures of the processes: lines over time, or how each stands now. */
export interface MetricPanelSpec extends Omit<PanelSpec, 'kind' | 'from' | 'columns'> {
  readonly kind: 'course' | 'now';
  /** PromQL, and how a series is called: `{{label}}`. */
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
  /** From which value on it is a matter of concern, and from which on an alarm. */
  readonly bounds?: readonly [number, number];
}

interface AnyPanel<Self> extends Builder<Panel> {
  title(title: string): Self;
  description(description: string): Self;
  datasource(ref: DataSourceRef): Self;
  links(links: ReturnType<typeof leadsTo>[]): Self;
  noValue(text: string): Self;
  overrideByName(name: string, properties: DynamicConfigValue[]): Self;
}

/** Title, question and link, which all kinds of panels have alike. */
function asked<Self extends AnyPanel<Self>>(
  panel: Self,
  { title, asks, leads }: Pick<PanelSpec, 'title' | 'asks' | 'leads'>,
  source: DataSourceRef = CLICKHOUSE,
): Self {
  return panel
    .title(title)
    .description(asks)
    .datasource(source)
    .links([leadsTo(leads.board, leads.title)]);
}

/** Where panels of the warehouse stand. */
interface Place {
  readonly names: Names;
  readonly board: Board;
}

/** A panel over rows of the warehouse, with what its columns are called and lead to. */
function worded<Self extends AnyPanel<Self>>(panel: Self, spec: PanelSpec, { names, board }: Place): Self {
  for (const column of spec.columns) {
    const properties = propertiesOf(names, column, { ...spec, board });
    if (properties.length > 0) panel.overrideByName(column, properties);
  }
  return asked(panel, spec).noValue(NOTHING);
}

const legend = () =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);
const tooltip = () =>
  new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);

/** Figures over time as bars on each other. */
function bars(place: Place, spec: PanelSpec): Builder<Panel> {
  const panel = new timeseries.PanelBuilder()
    .withTarget(query(seriesSql(place.names, spec.columns, sqlOf(spec.from)), 'timeseries'))
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
    .min(0)
    .decimals(0)
    .axisPlacement(AxisPlacement.Auto)
    .legend(legend())
    .tooltip(tooltip());
  return worded(panel, spec, place);
}

/** Figures over time as lines. */
function lines(place: Place, spec: PanelSpec): Builder<Panel> {
  const panel = new timeseries.PanelBuilder()
    .withTarget(query(seriesSql(place.names, spec.columns, sqlOf(spec.from)), 'timeseries'))
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(5)
    .unit(spec.unit ?? 'short')
    .legend(legend())
    .tooltip(tooltip());
  return worded(panel, spec, place);
}

/** Rows with links. */
function rows(place: Place, spec: PanelSpec): Builder<Panel> {
  const panel = new table.PanelBuilder()
    .withTarget(query(listedSql(place.names, spec.columns, sqlOf(spec.from)), 'table'))
    .filterable(true);
  return worded(panel, spec, place);
}

/** One large figure for each column of a single row. */
function figures(place: Place, spec: PanelSpec): Builder<Panel> {
  const panel = new stat.PanelBuilder()
    .withTarget(query(listedSql(place.names, spec.columns, sqlOf(spec.from)), 'table'))
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''))
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None);
  return worded(panel, spec, place);
}

/** Rows as bars beside each other, the longest first. */
function ranks(place: Place, spec: PanelSpec): Builder<Panel> {
  const panel = new bargauge.PanelBuilder()
    .withTarget(query(listedSql(place.names, spec.columns, sqlOf(spec.from)), 'table'))
    .reduceOptions(new ReduceDataOptionsBuilder().values(true).calcs(['lastNotNull']).fields(''))
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(NEUTRAL))
    .min(0);
  return worded(panel, spec, place);
}

/** Each row as one bar of its parts; the first column names it. */
function parts(place: Place, spec: PanelSpec): Builder<Panel> {
  const panel = new barchart.PanelBuilder()
    .withTarget(query(listedSql(place.names, spec.columns, sqlOf(spec.from)), 'table'))
    .orientation(VizOrientation.Horizontal)
    .stacking(StackingMode.Normal)
    .showValue(VisibilityMode.Never)
    .fillOpacity(80)
    .decimals(1)
    .legend(legend())
    .tooltip(tooltip());
  return worded(panel, spec, place);
}

/** Levels as numbers, 1 for blue to 4 for red, in their colours. */
function grades(): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: LEVEL_COLOURS.blue },
    { value: 2, color: LEVEL_COLOURS.yellow },
    { value: 3, color: LEVEL_COLOURS.orange },
    { value: 4, color: LEVEL_COLOURS.red },
  ]);
}

/** Regions as points, larger with more warnings, in the colour of the gravest. Where they lie is in the rules. */
function places(place: Place, spec: PanelSpec): Builder<Panel> {
  const panel = new geomap.PanelBuilder()
    .withTarget(query(placedSql(place.names.places, sqlOf(spec.from)), 'table'))
    .view(new geomap.MapViewConfigBuilder().id(geomap.MapCenterID.Fit).allLayers(true).padding(10))
    .basemap(new MapLayerOptionsBuilder().type('default').name('底图'))
    .layers([
      new MapLayerOptionsBuilder()
        .type('markers')
        .name('预警')
        .tooltip(true)
        .location(
          new FrameGeometrySourceBuilder()
            .mode(FrameGeometrySourceMode.Coords)
            .longitude('longitude')
            .latitude('latitude'),
        )
        .config({
          showLegend: true,
          style: {
            size: { field: 'warnings', min: 6, max: 30, fixed: 6 },
            color: { field: 'grade', fixed: LEVEL_COLOURS.blue },
            opacity: 0.8,
            symbol: { mode: 'fixed', fixed: 'img/icons/marker/circle.svg' },
            text: { field: 'region', mode: 'field', fixed: '' },
            textConfig: {
              fontSize: 12,
              offsetX: 0,
              offsetY: 18,
              textAlign: 'center',
              textBaseline: 'middle',
            },
          },
        }),
    ])
    .thresholds(grades())
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds));
  return worded(panel, spec, place);
}

/** Thresholds of what concerns the operators, in the colours of warnings; where the alarm is the lower one, little is bad. */
function bounds([concern, alarm]: readonly [number, number]): ThresholdsConfigBuilder {
  const { yellow, red } = LEVEL_COLOURS;
  const thresholds = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  return alarm < concern
    ? thresholds.steps([
        { value: null, color: red },
        { value: alarm, color: yellow },
        { value: concern, color: 'green' },
      ])
    : thresholds.steps([
        { value: null, color: 'green' },
        { value: concern, color: yellow },
        { value: alarm, color: red },
      ]);
}

const targets = ({ kind, queries }: MetricPanelSpec) =>
  queries.map(({ expr, legend: name }, index) => {
    const query = new prometheus.DataqueryBuilder().datasource(PROMETHEUS).expr(expr).legendFormat(name);
    const target = query.refId(String.fromCharCode('A'.charCodeAt(0) + index));
    return kind === 'now' ? target.instant() : target.range();
  });

function course(spec: MetricPanelSpec): Builder<Panel> {
  const panel = new timeseries.PanelBuilder()
    .targets(targets(spec))
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(5)
    .unit(spec.unit ?? 'short')
    .min(0)
    .legend(legend())
    .tooltip(tooltip());
  if (spec.bounds !== undefined) {
    panel.thresholds(bounds(spec.bounds));
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return asked(panel, spec, PROMETHEUS).noValue(NOTHING);
}

function now(spec: MetricPanelSpec): Builder<Panel> {
  const panel = new stat.PanelBuilder()
    .targets(targets(spec))
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''))
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .unit(spec.unit ?? 'short');
  if (spec.bounds !== undefined) panel.thresholds(bounds(spec.bounds));
  return asked(panel, spec, PROMETHEUS).noValue(NOTHING);
}

const KINDS = { bars, lines, rows, figures, ranks, parts, places };

/** Whether a panel shows figures of the processes, and not rows of the warehouse. */
export function isMetric(spec: PanelSpec | MetricPanelSpec): spec is MetricPanelSpec {
  return spec.kind === 'course' || spec.kind === 'now';
}

/** A panel with the names of a city's rules. */
export function panelOf(names: Names, board: Board, spec: PanelSpec | MetricPanelSpec): Builder<Panel> {
  if (isMetric(spec)) return spec.kind === 'now' ? now(spec) : course(spec);
  return KINDS[spec.kind]({ names, board }, spec);
}
