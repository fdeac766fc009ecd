import { t } from '@/lib/i18n/messages';
import { periodTitle } from '@/lib/labels/period-labels';
import type { ReadyView } from '../model/use-energy-view';
import classes from './print-head.module.css';

/** The head of a printed page: device, period and zone, which on a screen stand in the toolbar. */
export function PrintHead({ view, name }: { view: ReadyView; name: string }) {
  return (
    <header className={classes.head} data-testid="print-head">
      <strong>{name}</strong>
      <span>{periodTitle(view.period, view.date)}</span>
      <small>{t.use.zone(view.zone)}</small>
    </header>
  );
}
