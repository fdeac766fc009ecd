import { SegmentedControl, UnstyledButton } from '@mantine/core';
import { useMemo } from 'react';
import { Card } from '@/components/card';
import type { SeriesPoint } from '@/lib/transport/api-types';
import { dayOf, MS_PER_HOUR, type Day } from '@/lib/energy/days';
import { clock, figure, weekday, weekdayDay, weekdayLong } from '@/lib/labels/format';
import { byWeekday, heatOf, LEVELS, type Heat } from '@/lib/energy/heat';
import { heatWords } from '@/lib/i18n/heat';
import { t } from '@/lib/i18n/messages';
import classes from './heat-map.module.css';

type HeatMapProps = {
  days: Day[];
  devices: SeriesPoint[][];
  zone: string;
  title: string;
  today: Day;
  now: number;
  /** When the first hour with readings began. */
  first: number;
  busy: boolean;
  /** Weekdays on average in place of days; a week has only days. */
  weekdays: boolean;
  onWeekdays: (weekdays: boolean) => void;
  onDay: (day: Day) => void;
};

const hourSpan = (hour: number) => `${String(hour).padStart(2, '0')}–${String(hour + 1).padStart(2, '0')}`;

/** Hours down, days across: base load, nights and holidays at a glance. The head of a day opens the day. */
export function HeatMap({ days, devices, zone, title, today, now, first, busy, weekdays, onWeekdays, onDay }: HeatMapProps) {
  const long = days.length > 7;
  const daily = useMemo(
    () => heatOf(days, devices, zone, { from: first + MS_PER_HOUR, to: now }),
    [days, devices, zone, first, now],
  );
  const averaged = long && weekdays;
  const heat = useMemo(() => (averaged ? byWeekday(daily) : daily), [averaged, daily]);
  const every = heat.days.length > 7 ? 7 : 1;
  const name = (day: Day) => (averaged ? heatWords.average(weekdayLong(day)) : weekdayDay(day));
  const firstDay = Number.isFinite(first) ? dayOf(first, zone) : null;
  const firstClock = firstDay === null ? 0 : Number(clock(first, zone).slice(0, 2));
  // Hours to come, and hours before the first reading, are not missing; while the map loads, no hour is known to be missing.
  const blank = (day: Day, hour: number) =>
    busy || day >= today || (firstDay !== null && (day < firstDay || (day === firstDay && hour < firstClock)));
  return (
    <Card title={t.heat.title} corner={
        long ? (
          <SegmentedControl
            size="xs"
            aria-label={heatWords.view}
            value={weekdays ? 'weekdays' : 'days'}
            onChange={(value) => onWeekdays(value === 'weekdays')}
            data={[
              { value: 'days', label: heatWords.byDay },
              { value: 'weekdays', label: heatWords.byWeekday },
            ]}
          />
        ) : (
          <span className={classes.unit}>{heatWords.unit}</span>
        )
      } busy={busy} testId="heat-map">
      <p className={classes.readout}>{heatReadout(heat)}</p>
      <table className={classes.table}>
        <caption className={classes.hidden}>{averaged ? heatWords.captionWeekdays(title) : heatWords.caption(title)}</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              <span className={classes.hidden}>{heatWords.hour}</span>
            </th>
            {heat.days.map((day, index) => (
              <th key={day} scope="col">
                {averaged ? (
                  <span className={classes.weekday}>{weekday(day)}</span>
                ) : index % every === 0 ? (
                  <UnstyledButton
                    className={classes.day}
                    aria-label={heatWords.openDay(weekdayDay(day))}
                    title={weekdayDay(day)}
                    onClick={() => onDay(day)}
                  >
                    {long ? Number(day.slice(8)) : weekday(day)}
                  </UnstyledButton>
                ) : (
                  <span className={classes.hidden}>{weekdayDay(day)}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {heat.rows.map((row, hour) => (
            <tr key={hourSpan(hour)}>
              <th scope="row" className={classes.hour}>
                <span data-shown={hour % 3 === 0 || undefined}>{String(hour).padStart(2, '0')}</span>
              </th>
              {row.map(({ kwh, level, estimated }, index) => {
                const day = heat.days[index] ?? '';
                const text =
                  kwh === null
                    ? heatWords.empty(name(day), hourSpan(hour))
                    : [heatWords.cell(name(day), hourSpan(hour), figure(kwh)), ...(estimated ? [heatWords.estimated] : [])].join(', ');
                return (
                  <td
                    key={day}
                    className={classes.cell}
                    data-level={level ?? (blank(day, hour) ? 'ahead' : 'none')}
                    data-estimated={estimated || undefined}
                    data-kwh={kwh ?? ''}
                    title={text}
                  >
                    <span className={classes.hidden}>
                      {kwh === null ? t.use.states.missing : figure(kwh)}
                      {estimated ? ` (${heatWords.estimated})` : null}
                    </span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes.scale} aria-hidden>
        {heat.rows.some((row) => row.some(({ estimated }) => estimated)) ? (
          <>
            <span className={classes.cell} data-level="1" data-estimated data-testid="heat-estimated" />
            <em>{t.use.legendEstimated}</em>
          </>
        ) : null}
        {heat.highest === null ? heatWords.least : '0'}
        {Array.from({ length: LEVELS }, (_, level) => (
          <span key={level} className={classes.cell} data-level={level} />
        ))}
        {heat.highest === null ? heatWords.most : `${figure(heat.highest)} ${t.summary.kwh}`}
      </p>
    </Card>
  );
}

function heatReadout(heat: Heat): string {
  if (heat.lowest === null || heat.strongest === null) return ' ';
  return `${heatWords.base(figure(heat.lowest))} · ${heatWords.strongest(hourSpan(heat.strongest))}`;
}
