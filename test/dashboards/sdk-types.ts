// The types of the foundation SDK that a dashboard's JSON is made of, by names that the validation asks for.
import type * as barchart from '@grafana/grafana-foundation-sdk/barchart';
import type * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import type * as common from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type * as geomap from '@grafana/grafana-foundation-sdk/geomap';
import type * as stat from '@grafana/grafana-foundation-sdk/stat';
import type * as table from '@grafana/grafana-foundation-sdk/table';
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

export type Board = dashboard.Dashboard;

/** Options and, where they have some, fields of their own, by the type of a panel. */
export interface Panels {
  barchart: { options: barchart.Options; custom?: barchart.FieldConfig };
  bargauge: { options: bargauge.Options };
  geomap: { options: geomap.Options; custom?: common.HideableFieldConfig };
  stat: { options: stat.Options };
  table: { options: table.Options; custom?: common.TableFieldOptions };
  timeseries: { options: timeseries.Options; custom?: timeseries.FieldConfig };
}
