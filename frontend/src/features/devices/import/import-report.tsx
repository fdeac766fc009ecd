import { DataTable, type Column } from '@/components/admin/data-table';
import { Tag, type Tone } from '@/components/admin/tag';
import { count, adminMessages } from '@/lib/i18n/admin';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import { STATUSES, type ImportLine, type ImportProblem, type ImportReport } from '@/lib/transport/admin-types';
import classes from './import-dialog.module.css';

/** Most rows that are drawn of a report, the rejected ones first. */
const MOST_ROWS = 200;

const TONES: Record<ImportLine['result'], Tone> = { valid: 'good', refused: 'bad', created: 'good' };
const WORDS = deviceMessages.import;

/** Return the wrong cell with its remedy: in the page's language where it is known, else as the service says it. */
function problemText({ column, value, code, message }: ImportProblem): string {
  return WORDS.problem(column, value, WORDS.codes[code] ?? WORDS.remedies[column] ?? message);
}

function outcome({ problems, status, assigned_to: users = [] }: ImportLine) {
  if (problems !== undefined) {
    return (
      <ul className={classes.problems}>
        {problems.map((problem) => (
          <li key={`${problem.column} ${problem.message}`}>{problemText(problem)}</li>
        ))}
      </ul>
    );
  }
  const words = status === undefined ? [] : [adminMessages.devices.statuses[status]];
  if (users.length > 0) words.push(WORDS.assignedTo(users.join(', ')));
  return words.join(', ');
}

const COLUMNS: Column<ImportLine>[] = [
  { key: 'line', head: adminMessages.import.line, cell: (row) => WORDS.line(row.line) },
  { key: 'serial', head: adminMessages.devices.serial, cell: (row) => row.serial_number || '—' },
  {
    key: 'result',
    head: adminMessages.import.result,
    tight: true,
    cell: (row) => <Tag tone={TONES[row.result]}>{adminMessages.import.results[row.result]}</Tag>,
  },
  { key: 'outcome', head: WORDS.outcome, cell: outcome },
];

/** Return what an import of the valid rows does: how many devices are in which status, and how many are assigned. */
function effects({ statuses, assigned }: ImportReport): string {
  const words = STATUSES.flatMap((status) => {
    const n = statuses[status] ?? 0;
    return n === 0 ? [] : [WORDS.statuses(count(n), adminMessages.devices.statuses[status])];
  });
  if (assigned > 0) words.push(WORDS.assigned(assigned));
  return words.join(' · ');
}

/** The result, or the expected result, of each row of a file. */
export function ReportOfImport({ report }: { report: ImportReport }) {
  const rejected = report.report.filter((row) => row.result === 'refused');
  const rows = [...rejected, ...report.report.filter((row) => row.result !== 'refused')];
  return (
    <section aria-label={adminMessages.import.report} className={classes.report}>
      <p role="status" data-testid="import-summary" data-rejected={report.refused}>
        <strong>
          {adminMessages.import.valid(report.rows - report.refused)}
          {report.refused === 0 ? '' : `, ${adminMessages.import.rejected(report.refused)}`}
        </strong>
        {' · '}
        {report.refused === 0 ? adminMessages.import.ready : adminMessages.import.nothing}
      </p>
      {report.refused > 0 || report.rows === 0 ? null : <p data-testid="import-effects">{effects(report)}</p>}
      {report.ignored_columns.length === 0 ? null : (
        <p className={classes.lead} data-testid="import-ignored">
          {WORDS.ignored(report.ignored_columns.join(', '))}
        </p>
      )}
      <div className={classes.rows}>
        <DataTable
          caption={adminMessages.import.reportCaption}
          columns={COLUMNS}
          rows={rows.slice(0, MOST_ROWS)}
          rowKey={(row) => row.line}
          testId="import-report"
        />
      </div>
      {rows.length > MOST_ROWS ? <p className={classes.lead}>{adminMessages.import.onlyFirst(count(MOST_ROWS))}</p> : null}
    </section>
  );
}
