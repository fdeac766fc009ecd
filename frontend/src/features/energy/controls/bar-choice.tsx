import { SegmentedControl } from '@mantine/core';
import { barWords } from '@/lib/i18n/bars';
import type { Change } from '../model/address';

export type Bars = NonNullable<Change['bars']>;
const BARS: readonly Bars[] = ['hour', 'quarter', 'power'];

/** The bars of a day: energy of hours or quarters of an hour, or power of the quarters. */
export function BarChoice({ bars, onBars }: { bars: Bars; onBars: (bars: Bars) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label={barWords.label}
      data-testid="bar-choice"
      value={bars}
      onChange={(value) => onBars(BARS.find((each) => each === value) ?? 'hour')}
      data={BARS.map((value) => ({
        value,
        label: (
          <span aria-label={barWords.long[value]} title={barWords.long[value]}>
            {barWords.names[value]}
          </span>
        ),
      }))}
    />
  );
}
