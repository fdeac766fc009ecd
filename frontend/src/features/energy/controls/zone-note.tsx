import { knownZone } from '@/lib/energy/days';
import { periodBounds } from '@/lib/energy/periods';
import { t } from '@/lib/i18n/messages';
import { zoneToName } from '@/lib/labels/zones';
import type { ReadyView } from '../model/use-energy-view';
import classes from './zone-note.module.css';

/** The zone of the shown hours and days, where the reader's clock or another shown device's is not the same. */
export function ZoneNote({ view }: { view: ReadyView }) {
  const zone = zoneToName(view.zone, periodBounds(view.period, view.date, view.zone), view.devices.map((device) => knownZone(device.timezone)));
  if (zone === null) return null;
  return (
    <p className={classes.zone} data-testid="zone">
      {t.use.zone(zone)}
    </p>
  );
}
