import '@mantine/core/styles/Kbd.css';
import '@mantine/core/styles/ModalBase.css';
import '@mantine/core/styles/Modal.css';
import { Kbd, Modal, Switch } from '@mantine/core';
import { setShortcuts, useShortcutsEnabled } from '@/lib/hooks/shortcuts';
import { shortcutTexts as words } from '@/lib/i18n/shortcuts';
import classes from './shortcuts-dialog.module.css';

type Row = { keys: string[]; action: string };

const GROUPS: { title: string; rows: Row[] }[] = [
  { title: words.everywhere, rows: [{ keys: ['?'], action: words.list }] },
  {
    title: words.energy,
    rows: [
      { keys: ['t'], action: words.today },
      { keys: ['d'], action: words.day },
      { keys: ['w'], action: words.week },
      { keys: ['m'], action: words.month },
      { keys: ['y'], action: words.year },
      { keys: ['[', '←'], action: words.previous },
      { keys: [']', '→'], action: words.next },
      { keys: ['v'], action: words.view },
      { keys: ['/'], action: words.search },
    ],
  },
  {
    title: words.charts,
    rows: [
      { keys: ['←', '→'], action: words.move },
      { keys: ['Home', 'End'], action: words.ends },
      { keys: [words.enter], action: words.open },
      { keys: ['Esc'], action: words.leave },
    ],
  },
];

/** All shortcuts, and the switch of those that are a single key. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const enabled = useShortcutsEnabled();
  return (
    <Modal opened onClose={onClose} title={words.title} size={480} transitionProps={{ duration: 0 }} closeButtonProps={{ 'aria-label': words.close }}>
      {GROUPS.map(({ title, rows }) => (
        <table key={title} className={classes.table} data-testid="shortcuts">
          <caption>{title}</caption>
          <thead className={classes.heard}>
            <tr>
              <th scope="col">{words.action}</th>
              <th scope="col">{words.key}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ keys, action }) => (
              <tr key={action}>
                <th scope="row">{action}</th>
                <td>
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
      <Switch
        checked={enabled}
        onChange={(event) => setShortcuts(event.currentTarget.checked)}
        label={words.enabled}
        description={words.enabledHint}
        data-testid="shortcuts-enabled"
      />
    </Modal>
  );
}
