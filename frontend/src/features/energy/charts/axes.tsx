import { axisNumber, fittingTicks, type Scale } from '@/lib/charts/chart-scale';
import type { Tick } from '@/lib/labels/hour-labels';
import type { Plot } from './chart-layout';
import classes from './chart.module.css';

/** Space between an axis and its labels, px. */
const GAP_PX = 8;

type AxesProps = {
  plot: Plot;
  ticks: readonly Tick[];
  scale: Scale;
  /** The number of the scale for 1 kWh of the plot. */
  perKwh?: number;
};

/** Horizontal lines with their numbers, and the labels of slots below; the unit stands in the card's corner. */
export function Axes({ plot, ticks, scale, perKwh = 1 }: AxesProps) {
  return (
    <g className={classes.axis}>
      {scale.ticks.map((number) => {
        const y = plot.y(number / perKwh);
        return (
          <g key={number}>
            <line x1={plot.left} x2={plot.right} y1={y} y2={y} stroke={number === 0 ? 'var(--ems-control)' : 'var(--ems-line)'} />
            <text x={plot.left - GAP_PX} y={y} dy="0.355em" textAnchor="end">
              {axisNumber(number, scale)}
            </text>
          </g>
        );
      })}
      <g data-axis="time">
        {fittingTicks(ticks, plot.slotPx).map(({ index, label, strong }) => (
          <text key={index} x={plot.x(index + 0.5)} y={plot.bottom + GAP_PX} dy="1em" textAnchor="middle" data-strong={strong || undefined}>
            {label}
          </text>
        ))}
      </g>
    </g>
  );
}
