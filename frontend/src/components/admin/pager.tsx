import { ActionIcon } from '@mantine/core';
import { ChevronLeftIcon, ChevronRightIcon } from '@/components/icons';
import { count, ta } from '@/lib/i18n/admin';
import classes from './pager.module.css';

type PagerProps = { page: number; size: number; total: number; onPage: (page: number) => void };

/** Which rows of how many, and the way to the others. */
export function Pager({ page, size, total, onPage }: PagerProps) {
  if (total === 0) return null;
  const last = Math.max(1, Math.ceil(total / size));
  const from = (page - 1) * size + 1;
  return (
    <nav className={classes.pager} aria-label={ta.pager.label}>
      <span role="status">{ta.pager.range(count(from), count(Math.min(total, page * size)), count(total))}</span>
      {last === 1 ? null : (
        <>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={ta.pager.previous}
            disabled={page <= 1}
            onClick={() => onPage(page - 1)}
          >
            <ChevronLeftIcon size={18} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={ta.pager.next}
            disabled={page >= last}
            onClick={() => onPage(page + 1)}
          >
            <ChevronRightIcon size={18} />
          </ActionIcon>
        </>
      )}
    </nav>
  );
}
