import { SegmentedControl } from '@mantine/core';
import { t } from '@/lib/i18n/messages';
import type { Change } from '../model/address';

export type Bars = NonNullable<Change['bars']>;
const BARS: readonly Bars[] = ['hour', 'quarter', 'power'];

/** The bars of a day: energy of hours or quarters of an hour, or power of the quarters. */
export function BarChoice({ bars, onBars }: { bars: Bars; onBars: (bars: Bars) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label={t.use.bars.label}
      data-testid="bar-choice"
      value={bars}
      onChange={(value) => onBars(BARS.find((each) => each === value) ?? 'hour')}
      data={BARS.map((value) => ({
        value,
        label: (
          <span aria-label={t.use.bars.long[value]} title={t.use.bars.long[value]}>
            {t.use.bars.names[value]}
          </span>
        ),
      }))}
    />
  );
}
