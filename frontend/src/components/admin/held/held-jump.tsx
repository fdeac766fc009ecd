import { Button } from '@mantine/core';
import { Link } from 'react-router';
import type { HeldJump } from '@/lib/api/monitoring';
import { heldMessages as texts } from '@/lib/i18n/admin/held';
import { exact } from '@/lib/labels/format';
import { moment } from '@/lib/labels/moments';
import classes from './held.module.css';
import { dayLink, energyOf, periodOf } from './labels';
import type { Action } from './queries';

type Props = { jump: HeldJump; withDevice: boolean; busy: boolean; onAction: (action: Action) => void };

/** A rise that a device cannot use: how much, when, between which registers, and what can be done. */
export function Jump({ jump, withDevice, busy, onAction }: Props) {
  const { unit, plausible_energy: plausible, month_closed: closed } = jump;
  const energy = energyOf(jump);
  const period = periodOf(jump);
  return (
    <li data-state={jump.state}>
      <div className={classes.jump}>
        <p>
          <span className={classes.energy}>{energy}</span>
          {' · '}
          <Link to={dayLink(jump)}>{period}</Link>
        </p>
        {withDevice || jump.channel !== 'main' ? (
          <p>
            {withDevice ? <Link to={`/manage/devices/${jump.device_id}`}>{jump.device_name}</Link> : null}
            {withDevice && jump.channel !== 'main' ? ' · ' : ''}
            {jump.channel === 'main' ? null : texts.channel(jump.channel)}
          </p>
        ) : null}
        <p className={classes.dimmed}>
          {texts.registers(`${exact(jump.register_before)} ${unit}`, `${exact(jump.register_after)} ${unit}`)}{' '}
          {plausible === null ? null : texts.plausible(`${exact(plausible)} ${unit}`)}
        </p>
        {closed ? <p>{texts.closed}</p> : null}
        <Decision jump={jump} />
      </div>
      <div className={classes.buttons}>
        {actionsOf(jump).map((action) => (
          <Button
            key={action}
            variant="default"
            size="xs"
            loading={busy}
            onClick={() => onAction(action)}
            aria-label={texts.ofJump(texts[action], energy, jump.device_name, period)}
            data-testid={`held-${action}`}
          >
            {texts[action]}
          </Button>
        ))}
      </div>
    </li>
  );
}

/** The actions that the service permits: energy of a closed month does not change. */
function actionsOf({ state, month_closed: closed }: HeldJump): Action[] {
  if (state === 'open') return closed ? ['dismiss'] : ['accept', 'dismiss'];
  return closed && state === 'accepted' ? [] : ['undo'];
}

function Decision({ jump }: { jump: HeldJump }) {
  const { state, decided_by_name: name, decided_at: at, note } = jump;
  if (name === null || at === null) return null;
  const words = `${texts.states[state] ?? state} ${texts.decided(name, moment(at))}`;
  return <p className={classes.dimmed}>{note === null || note === '' ? words : `${words} · ${note}`}</p>;
}
