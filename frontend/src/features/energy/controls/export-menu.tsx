import { Button, Menu } from '@mantine/core';
import { DownloadIcon } from '@/components/icons';
import { chartImage, type ChartImage } from '@/lib/charts/chart-image';
import { download, toCsv, type Field } from '@/lib/files/csv';
import { t } from '@/lib/i18n/messages';
import classes from './export-menu.module.css';

type ExportMenuProps = { name: string; rows: () => Field[][]; image: () => ChartImage };

/** A menu that saves the shown period as a table or picture. */
export function ExportMenu({ name, rows, image }: ExportMenuProps) {
  // The mark tells spreadsheets that the text is UTF-8.
  const csv = () => download(new Blob(['\uFEFF', toCsv(rows())], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
  const png = () => void chartImage(image()).then((blob) => download(blob, `${name}.png`));
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button size="compact-sm" variant="default" aria-label={t.exports.menu} data-testid="export">
          <DownloadIcon size={16} />
          <span className={classes.word}>{t.exports.menu}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={csv} data-testid="export-csv">
          {t.exports.csv}
        </Menu.Item>
        <Menu.Item onClick={png} data-testid="export-png">
          {t.exports.png}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
