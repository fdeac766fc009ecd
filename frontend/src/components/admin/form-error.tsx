import { WarningIcon } from '@/components/icons';
import { ApiError, isUnreachable } from '@/lib/transport/http';
import { t } from '@/lib/i18n/messages';
import classes from './form-error.module.css';

type FormErrorProps = {
  error: Error | null;
  /** Returns the meaning of an error that only this action has; null: no such error. */
  explain?: (error: ApiError) => string | null;
  /** Errors of fields that the form does not have. */
  others?: string[];
  /** The error stands beside the fields already. */
  quiet?: boolean;
};

const NONE: string[] = [];

function messageOf(error: Error, explain: FormErrorProps['explain']): string {
  if (isUnreachable(error)) return `${t.errors.unreachable} ${t.errors.unreachableHint}`;
  if (!(error instanceof ApiError)) return t.errors.unexpected;
  return explain?.(error) ?? (error.status < 500 && error.detail !== '' ? error.detail : t.errors.server(error.status));
}

/** The reason why an action was not done. */
export function FormError({ error, explain, others = NONE, quiet = false }: FormErrorProps) {
  if (error === null || (quiet && others.length === 0)) return null;
  const sentences = others.length > 0 ? others : [messageOf(error, explain)];
  return (
    <div className={classes.problem} role="alert" data-testid="form-error">
      <WarningIcon size={18} />
      <div>
        {sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
    </div>
  );
}
