import { WarningIcon } from '@/components/icons';
import { ApiError, isUnreachable } from '@/lib/transport/http';
import { t } from '@/lib/i18n/messages';
import classes from './action-problem.module.css';

type ActionProblemProps = {
  error: Error | null;
  /** What this action's own refusals mean; null: nothing special. */
  explain?: (error: ApiError) => string | null;
  /** Sentences about fields that stand nowhere else. */
  others?: string[];
  /** The refusal is told beside the fields. */
  quiet?: boolean;
};

const NONE: string[] = [];

function inWords(error: Error, explain: ActionProblemProps['explain']): string {
  if (isUnreachable(error)) return `${t.errors.unreachable} ${t.errors.unreachableHint}`;
  if (!(error instanceof ApiError)) return t.errors.unexpected;
  return explain?.(error) ?? (error.status < 500 && error.detail !== '' ? error.detail : t.errors.server(error.status));
}

/** Why something that was asked for was not done. */
export function ActionProblem({ error, explain, others = NONE, quiet = false }: ActionProblemProps) {
  if (error === null || (quiet && others.length === 0)) return null;
  const sentences = others.length > 0 ? others : [inWords(error, explain)];
  return (
    <div className={classes.problem} role="alert" data-testid="action-problem">
      <WarningIcon size={18} />
      <div>
        {sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
    </div>
  );
}
