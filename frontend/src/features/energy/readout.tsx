import classes from './readout.module.css';

type ReadoutProps = { parts: string[]; chosen: boolean; unit?: string; note?: string | null };

/** A fixed line above a chart: never covers a bar, never moves the page. */
export function Readout({ parts, chosen, unit, note }: ReadoutProps) {
  const [first, ...rest] = parts;
  return (
    <div className={classes.readout} data-testid="readout">
      <p className={classes.line} data-chosen={chosen || undefined}>
        <span className={classes.first}>{first ?? ' '}</span>
        {rest.map((part) => (
          <span key={part}>{part}</span>
        ))}
      </p>
      {note == null ? null : (
        <p className={classes.note} data-testid="day-length">
          {note}
        </p>
      )}
      {unit === undefined ? null : <span className={classes.unit}>{unit}</span>}
    </div>
  );
}
