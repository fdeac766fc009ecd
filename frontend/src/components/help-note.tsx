import { Popover } from '@mantine/core';
import { Link } from 'react-router';
import { helpEntry, helpTexts } from '@/lib/i18n/help';
import classes from './help-mark.module.css';

/** The explanation of a figure, over the page; loaded when somebody asks for it. */
export function HelpNote({ entry, name, onClose }: { entry: string; name: string; onClose: () => void }) {
  return (
    <Popover opened onChange={onClose} width={280} withRoles={false} trapFocus transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <span className={classes.place} />
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={name}>
        <p className={classes.text}>{helpEntry(entry)?.text}</p>
        <Link to={`/help#${entry}`} className={classes.more} data-testid="help-more">
          {helpTexts.more}
        </Link>
      </Popover.Dropdown>
    </Popover>
  );
}
