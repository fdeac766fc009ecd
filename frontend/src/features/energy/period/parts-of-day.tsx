import { Card } from '@/components/card';
import type { Slot } from '@/lib/energy/slots';
import { partsOfDay, percentWidth } from '@/lib/energy/shares';
import { figure, percent } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import classes from './parts-of-day.module.css';

/** The shares of night, morning, afternoon and evening. */
export function PartsOfDay({ hours }: { hours: readonly Slot[] }) {
  const parts = partsOfDay(hours);
  return (
    <Card title={t.parts.title} corner={<span className={classes.unit}>{t.summary.kwh}</span>}>
      <ul className={classes.parts}>
        {parts.map(({ part, kwh, share }) => (
          <li key={part} className={classes.part}>
            <span className={classes.name}>
              {t.parts.names[part]}
              <span className={classes.span}>{t.parts.spans[part]}</span>
            </span>
            <span className={classes.kwh}>{figure(kwh)}</span>
            <span className={classes.share}>{kwh === null ? '' : percent(share)}</span>
            <span className={classes.track} aria-hidden>
              <span className={classes.bar} style={{ width: percentWidth(share) }} data-testid="share" />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
