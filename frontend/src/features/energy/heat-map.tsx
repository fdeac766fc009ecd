import { UnstyledButton } from '@mantine/core';
import { Card } from '@/components/card';
import type { SeriesPoint } from '@/lib/api-types';
import type { Day } from '@/lib/days';
import { exact, figure, weekday, weekdayDay } from '@/lib/format';
import { heatOf, LEVELS, type Heat } from '@/lib/heat';
import { t } from '@/lib/messages';
import classes from './heat-map.module.css';

type HeatMapProps = {
  days: Day[];
  devices: SeriesPoint[][];
  zone: string;
  title: string;
  today: Day;
  busy: boolean;
  onDay: (day: Day) => void;
};

const hourSpan = (hour: number) => `${String(hour).padStart(2, '0')}–${String(hour + 1).padStart(2, '0')}`;

/** Hours down, days across: base load, nights and holidays at a glance. A day's head opens it; the bars open them all. */
export function HeatMap({ days, devices, zone, title, today, busy, onDay }: HeatMapProps) {
  const heat = heatOf(days, devices, zone);
  const every = days.length > 7 ? 7 : 1;
  return (
    <Card title={t.heat.title} corner={<span className={classes.unit}>{t.heat.unit}</span>} busy={busy} testId="heat-map">
      <p className={classes.says}>{says(heat)}</p>
      <table className={classes.table}>
        <caption className={classes.hidden}>{t.heat.caption(title)}</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              <span className={classes.hidden}>{t.heat.hour}</span>
            </th>
            {heat.days.map((day, index) => (
              <th key={day} scope="col">
                {index % every === 0 ? (
                  <UnstyledButton
                    className={classes.day}
                    aria-label={t.heat.openDay(weekdayDay(day))}
                    title={weekdayDay(day)}
                    onClick={() => onDay(day)}
                  >
                    {days.length > 7 ? Number(day.slice(8)) : weekday(day)}
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
              {row.map(({ kwh, level }, index) => {
                const day = heat.days[index] ?? '';
                const said =
                  kwh === null
                    ? t.heat.empty(weekdayDay(day), hourSpan(hour))
                    : t.heat.cell(weekdayDay(day), hourSpan(hour), exact(kwh));
                return (
                  <td key={day} className={classes.cell} data-level={level ?? (day >= today ? 'ahead' : 'none')} data-kwh={kwh ?? ''} title={said}>
                    <span className={classes.hidden}>{kwh === null ? t.hours.states.missing : exact(kwh)}</span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes.scale} aria-hidden>
        {t.heat.least}
        {Array.from({ length: LEVELS }, (_, level) => (
          <span key={level} className={classes.cell} data-level={level} />
        ))}
        {heat.highest === null ? t.heat.most : `${figure(heat.highest)} ${t.summary.kwh}`}
      </p>
    </Card>
  );
}

function says(heat: Heat): string {
  if (heat.lowest === null || heat.strongest === null) return ' ';
  return `${t.heat.base(figure(heat.lowest))} · ${t.heat.strongest(hourSpan(heat.strongest))}`;
}
