import classes from './readout.module.css';

type ReadoutProps = {
  parts: string[];
  /** A slot is chosen: its tooltip takes the place of the line. */
  chosen: boolean;
  unit?: string;
  note?: string | null;
};

/** A line about the whole above a chart. It keeps its room, so that the page never moves. */
export function Readout({ parts, chosen, unit, note }: ReadoutProps) {
  return (
    <div className={classes.readout} data-testid="readout">
      <p className={classes.line} data-chosen={chosen || undefined}>
        {parts.map((part) => (
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
