import { UnstyledButton } from '@mantine/core';
import { figure } from '@/lib/labels/format';
import { t } from '@/lib/i18n/messages';
import { total } from '@/lib/energy/slots';
import type { Layer } from '@/lib/energy/stacking';
import classes from './device-chips.module.css';

type DeviceChipsProps = {
  layers: readonly Layer[];
  hidden: readonly string[];
  /** The slot under the cursor; null: the whole period. */
  active: number | null;
  onHidden: (hidden: string[]) => void;
};

/** The legend of a stack: values of the slot under the cursor; a press switches a device off and on. */
export function DeviceChips({ layers, hidden, active, onHidden }: DeviceChipsProps) {
  const off = new Set(hidden);
  return (
    <ul className={classes.chips} aria-label={t.all.legend}>
      {layers.map(({ id, name, colour, slots }) => (
        <li key={id}>
          <UnstyledButton
            className={classes.chip}
            aria-pressed={!off.has(id)}
            data-testid="device-chip"
            data-device={id}
            onClick={() => onHidden(off.has(id) ? hidden.filter((other) => other !== id) : [...hidden, id])}
          >
            <span className={classes.mark} style={{ background: `var(${colour})` }} aria-hidden />
            <span className={classes.name}>{name}</span>
            <span className={classes.kwh}>{figure(active === null ? total(slots) : (slots[active]?.kwh ?? null))}</span>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}
