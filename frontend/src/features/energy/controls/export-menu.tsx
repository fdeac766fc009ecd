import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import { DownloadIcon } from '@/components/icons';
import type { ChartImage } from '@/lib/charts/chart-image';
import type { Table } from '@/lib/files/table';
import { language } from '@/lib/i18n/language';
import { t } from '@/lib/i18n/messages';
import classes from './export-menu.module.css';

/** A table of the menu: as a CSV file of its own, and as a sheet of the workbook. */
export type ExportTable = { label: string; table: () => Table | Promise<Table> };

type ExportMenuProps = {
  /** Returns the name of the files, without their endings. */
  name: () => string | Promise<string>;
  tables: readonly ExportTable[];
  image?: () => Promise<ChartImage>;
};

// Everything that makes files is loaded when a file is saved.

async function csvOf({ table }: ExportTable): Promise<Blob> {
  const { toCsv } = await import('@/lib/files/csv');
  return new Blob([toCsv(await table(), language)], { type: 'text/csv;charset=utf-8' });
}

async function workbookOf(tables: readonly ExportTable[]): Promise<Blob> {
  const { toXlsx } = await import('@/lib/files/xlsx');
  return toXlsx(await Promise.all(tables.map(({ table }) => table())));
}

async function pictureOf(image: () => Promise<ChartImage>): Promise<Blob> {
  const { chartImage } = await import('@/lib/charts/chart-image');
  return chartImage(await image());
}

/** A menu that saves the shown figures as tables or picture. */
export function ExportMenu({ name, tables, image }: ExportMenuProps) {
  const [failed, setFailed] = useState(false);
  const save = (ending: string, make: () => Promise<Blob>) => {
    setFailed(false);
    const saved = async () => {
      const { download } = await import('@/lib/files/csv');
      const [blob, file] = await Promise.all([make(), name()]);
      download(blob, `${file}${ending}`);
    };
    saved().catch(() => setFailed(true));
  };
  return (
    <>
      {failed ? (
        <span role="alert" className={classes.failed}>
          {t.exports.failed}
        </span>
      ) : null}
      <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button size="compact-sm" variant="default" aria-label={t.exports.menu} data-testid="export">
            <DownloadIcon size={16} />
            <span className={classes.word}>{t.exports.menu}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {tables.map((table) => (
            <Menu.Item key={table.label} onClick={() => save('.csv', () => csvOf(table))} data-testid="export-csv">
              {table.label}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => save('.xlsx', () => workbookOf(tables))} data-testid="export-xlsx">
            {t.exports.xlsx}
          </Menu.Item>
          {image === undefined ? null : (
            <Menu.Item onClick={() => save('.png', () => pictureOf(image))} data-testid="export-png">
              {t.exports.png}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
