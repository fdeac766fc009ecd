import { ActionIcon } from '@mantine/core';
import { ChevronLeftIcon, ChevronRightIcon } from '@/components/icons';
import { count, adminMessages } from '@/lib/i18n/admin';
import classes from './pager.module.css';

type PagerProps = { page: number; size: number; total: number; onPage: (page: number) => void };

/** The numbers of the rows, their total, and buttons to the other pages. */
export function Pager({ page, size, total, onPage }: PagerProps) {
  if (total === 0) return null;
  const last = Math.max(1, Math.ceil(total / size));
  const from = (page - 1) * size + 1;
  return (
    <nav className={classes.pager} aria-label={adminMessages.pager.label}>
      <span role="status">{adminMessages.pager.range(count(from), count(Math.min(total, page * size)), count(total))}</span>
      {last === 1 ? null : (
        <>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={adminMessages.pager.previous}
            disabled={page <= 1}
            onClick={() => onPage(page - 1)}
          >
            <ChevronLeftIcon size={18} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={adminMessages.pager.next}
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
