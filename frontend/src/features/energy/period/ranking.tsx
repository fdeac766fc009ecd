import { Card } from '@/components/card';
import { figure, percent } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import { percentWidth } from '@/lib/energy/shares';
import { rankedDevices, type Layer } from '@/lib/energy/stacking';
import classes from './parts-of-day.module.css';

/** Devices from most to least, in the colours of the chart; also those that share a colour there. */
export function Ranking({ layers }: { layers: readonly Layer[] }) {
  return (
    <Card title={t.all.where} corner={<span className={classes.unit}>{t.summary.kwh}</span>} testId="ranking">
      <ol className={classes.parts}>
        {rankedDevices(layers).map(({ item, kwh, share }) => (
          <li key={item.id} className={classes.part} data-testid="ranked" data-kwh={kwh ?? ''}>
            <span className={classes.name}>{item.name}</span>
            <span className={classes.kwh}>{figure(kwh)}</span>
            <span className={classes.share}>{kwh === null ? '' : percent(share)}</span>
            <span className={classes.track} aria-hidden>
              <span className={classes.bar} style={{ width: percentWidth(share), background: `var(${item.colour})` }} data-testid="share" />
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
