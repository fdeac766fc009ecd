// Series as the API gives them, for tests.
import type { SeriesPoint } from '@/lib/transport/api-types';
import { qualityOf } from './days';
import type { SlotSpan } from '@/lib/energy/periods';

export function seriesPoints(
  spans: readonly SlotSpan[],
  kwhAt: (index: number) => number | null,
  hoursAt: (index: number) => number = () => 1,
): SeriesPoint[] {
  return spans.map((span, index) => {
    const kwh = kwhAt(index);
    return {
      start: new Date(span.start).toISOString().replace('.000Z', 'Z'),
      total_consumption: kwh,
      estimated: kwh === null ? null : 0,
      measurement_count: kwh === null ? 0 : 6 * hoursAt(index),
      hours_with_data: kwh === null ? 0 : hoursAt(index),
      hours_expected: (span.end - span.start) / 3_600_000,
      quality: qualityOf(kwh, hoursAt(index)),
    };
  });
}
