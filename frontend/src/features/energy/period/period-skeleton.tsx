import { Skeleton } from '@mantine/core';
import { Card } from '@/components/card';
import { t } from '@/lib/i18n/messages';
import type { Resolution } from '@/lib/energy/periods';
import classes from './period-view.module.css';
import summary from './figure-card.module.css';

/** The page in its final shape before the first answer: when it comes, nothing moves. */
export function PeriodSkeleton({ kind = 'hour' }: { kind?: Resolution }) {
  return (
    <div className={classes.period} aria-busy aria-label={t.loading} role="status">
      <div className={summary.card}>
        {[t.summary.lastReading, t.summary.total, t.use.highest[kind], t.use.average[kind]].map((label) => (
          <div key={label} className={summary.figure}>
            <span className={summary.label}>{label}</span>
            <Skeleton width={120} height={32} my={4} />
            <Skeleton width={150} height={14} my={3} />
          </div>
        ))}
      </div>
      <ChartSkeleton title={t.use.title[kind]} />
    </div>
  );
}

export function ChartSkeleton({ title }: { title: string }) {
  return (
    <Card title={title} busy>
      <Skeleton width="45%" height={14} my={8} />
      <Skeleton className={classes.chart} />
    </Card>
  );
}
