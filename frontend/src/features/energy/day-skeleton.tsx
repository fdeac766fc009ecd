import { Skeleton } from '@mantine/core';
import { Card } from '@/components/card';
import { t } from '@/lib/messages';
import classes from './day-view.module.css';
import summary from './summary-cards.module.css';

/** The page in its final shape before the first answer: when it comes, nothing moves. */
export function DaySkeleton() {
  return (
    <div className={classes.day} aria-busy aria-label={t.loading} role="status">
      <div className={summary.card}>
        {[t.summary.total, t.summary.peak, t.summary.average, t.summary.lastReading].map((label) => (
          <div key={label} className={summary.figure}>
            <span className={summary.label}>{label}</span>
            <Skeleton width={120} height={32} my={4} />
            <Skeleton width={150} height={14} my={3} />
          </div>
        ))}
      </div>
      <ChartSkeleton />
    </div>
  );
}

export function ChartSkeleton() {
  return (
    <Card title={t.hours.title} busy>
      <Skeleton width="45%" height={14} my={8} />
      <Skeleton className={classes.chart} />
    </Card>
  );
}
