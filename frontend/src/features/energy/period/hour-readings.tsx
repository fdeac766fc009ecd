import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Card } from '@/components/card';
import { LoadError } from '@/components/load-error';
import type { MonitoredDevice } from '@/lib/transport/api-types';
import { aligned, clockSeconds, powerText } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import { readingWords } from '@/lib/i18n/readings';
import classes from './period-view.module.css';
import table from '../tables/table.module.css';
import { fileName } from '@/lib/files/csv';
import { localTime } from '@/lib/energy/days';
import { readingsOfHour, readingsQuery } from '../api/queries';
import { ExportMenu } from '../controls/export-menu';

type HourReadingsProps = { device: MonitoredDevice; hour: string; name: string; zone: string; onClose: () => void };

/** The readings of an hour: the level below the bars. */
export function HourReadings({ device, hour, name, zone, onClose }: HourReadingsProps) {
  const { data, error, refetch, isFetching } = useQuery(readingsQuery(device.device_id, hour));
  const place = useRef<HTMLDivElement>(null);
  // It opens below the charts, often out of sight.
  const known = data !== undefined;
  useEffect(() => {
    if (known) place.current?.scrollIntoView({ block: 'nearest' });
  }, [known]);
  const interval = device.reading_kind === 'interval';
  const corrected = data?.results.some(({ revision }) => revision > 0) ?? false;
  const file = () => fileName(device.name, localTime(Date.parse(hour), zone).slice(0, 'yyyy-mm-dd hh:mm'.length));
  const all = async () => (data?.next === null ? data.results : readingsOfHour(device.device_id, hour));
  const tables = [{ label: t.exports.csv, table: async () => (await import('../model/export')).readingsTable(device, await all(), zone) }];
  return (
    <div ref={place} className={classes.opened}>
      <Card
        title={t.readings.title(name)}
        testId="hour-readings"
        busy={data === undefined && error === null}
        corner={
          <div className={classes.corner}>
            {data === undefined || data.results.length === 0 ? null : <ExportMenu name={file} tables={tables} />}
            <Button size="compact-sm" variant="default" onClick={onClose} data-testid="close-hour">
              {readingWords.close}
            </Button>
          </div>
        }
      >
        {data === undefined && error !== null ? (
          <LoadError error={error} onRetry={() => void refetch()} retrying={isFetching} />
        ) : null}
        {data?.results.length === 0 ? <p>{readingWords.none}</p> : null}
        {data !== undefined && data.results.length > 0 ? (
          <div className={table.wide}>
            <table className={table.table}>
              <caption className={table.hidden}>{t.readings.title(name)}</caption>
              <thead>
                <tr>
                  <th scope="col">{readingWords.time}</th>
                  <th scope="col">{readingWords.value}</th>
                  {interval ? <th scope="col">{readingWords.power}</th> : null}
                  {corrected ? <th scope="col">{readingWords.revision}</th> : null}
                </tr>
              </thead>
              <tbody>
                {data.results.map((reading) => (
                  <tr key={reading.timestamp} data-testid="reading">
                    <th scope="row">{clockSeconds(Date.parse(reading.timestamp), zone)}</th>
                    <td>{aligned(reading.measurement_value)}</td>
                    {interval ? <td>{averagePower(reading.measurement_value, device.interval_seconds)}</td> : null}
                    {corrected ? <td>{reading.revision === 0 ? readingWords.original : readingWords.revised(reading.revision)}</td> : null}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
        {data?.next == null ? null : <p>{readingWords.more}</p>}
      </Card>
    </div>
  );
}

/** "330 W": the kWh of a short interval is too small a number to read. */
function averagePower(kwh: number, seconds: number): string {
  return powerText((kwh * 3600) / seconds);
}
