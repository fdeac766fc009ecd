import { useState } from 'react';
import { CopyButton } from '@/components/admin/copy-button';
import { Card } from '@/components/card';
import { deviceMessages } from '@/lib/i18n/admin/devices';
import type { Device } from '@/lib/transport/admin-types';
import classes from './device-page.module.css';
import { intervalText, QUEUE, sampleMessage } from './sample-message';

const WORDS = deviceMessages.sending;

/** The facts for a person who sets this meter up: where it sends, under which id, and how a message looks. */
export function SendingCard({ device }: { device: Device }) {
  const [now] = useState(Date.now);
  const sample = sampleMessage(device, now);
  return (
    <Card title={WORDS.title} testId="sending">
      <p className={classes.dimmed}>{WORDS.lead}</p>
      <dl className={classes.details}>
        <div>
          <dt>{WORDS.queue}</dt>
          <dd className={classes.copied}>
            <code>{QUEUE}</code>
            <CopyButton text={QUEUE} name={WORDS.queue} />
          </dd>
        </div>
        <div>
          <dt>{WORDS.exchange}</dt>
          <dd>{WORDS.exchangeDefault}</dd>
        </div>
        <div>
          <dt>{WORDS.id}</dt>
          <dd className={classes.copied}>
            <code>{device.id}</code>
            <CopyButton text={device.id} name={WORDS.id} testId="copy-id" />
          </dd>
        </div>
        <div>
          <dt>{WORDS.interval}</dt>
          <dd>{WORDS.every(intervalText(device.interval_seconds))}</dd>
        </div>
      </dl>
      <div className={classes.sampleHead}>
        <h3 className={classes.subtitle}>{WORDS.sample}</h3>
        <CopyButton text={sample} name={WORDS.sample} testId="copy-sample" />
      </div>
      <pre className={classes.sample} data-testid="sample">
        {sample}
      </pre>
      <p className={classes.dimmed}>{WORDS.kinds[device.reading_kind]}</p>
      <p className={classes.more}>
        <a className={classes.link} href="/api/docs/">
          {WORDS.more}
        </a>
      </p>
    </Card>
  );
}
