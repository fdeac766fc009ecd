import { memo } from 'react';
import { t } from '@/lib/i18n/messages';
import { BarChoice, type Bars } from '../controls/bar-choice';
import { ExportMenu } from '../controls/export-menu';
import { ShareButton } from '../controls/share-button';
import type { Change } from '../model/address';
import type { PeriodExport } from '../model/export';
import { ChartOrTable } from '../tables/chart-or-table';
import classes from './period-view.module.css';

const files = () => import('../model/export');

/** `bars`: those of a day; null in other periods. */
type PeriodCornerProps = { exported: PeriodExport; bars: Bars | null; table: boolean; show: (change: Change) => void };

/** Share, export, chart or table: the buttons above the bars. */
export const PeriodCorner = memo(function PeriodCorner({ exported, bars, table, show }: PeriodCornerProps) {
  const { name, title, single, layers, zone } = exported;
  const tables = [
    { label: t.exports.csv, table: async () => (await files()).shownTable(exported) },
    ...(single
      ? []
      : [
          { label: t.exports.csvDevices, table: async () => (await files()).devicesTable(exported) },
          { label: t.exports.csvRanking, table: async () => (await files()).rankingTable(layers, zone) },
        ]),
  ];
  return (
    <div className={classes.corner}>
      {bars === null ? null : <BarChoice bars={bars} onBars={(to) => show({ bars: to })} />}
      <ShareButton title={`${name}, ${title}`} />
      <ExportMenu
        name={async () => (await files()).periodFile(exported)}
        tables={tables}
        image={async () => (await files()).imageOf(exported)}
      />
      <ChartOrTable table={table} onTable={(to) => show({ table: to })} />
    </div>
  );
});
