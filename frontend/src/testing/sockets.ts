// The server's side of the live connection.
import type { Frame } from '@/lib/live/frames';

/** A connection on which the test sends and closes as the server would. */
export class Line extends EventTarget {
  static all: Line[] = [];
  static readonly OPEN = 1;
  readyState = 0;
  sent: Record<string, unknown>[] = [];

  constructor(readonly url: string) {
    super();
    Line.all.push(this);
  }

  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close() {
    this.readyState = 3;
  }

  accept() {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  say(message: object) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  hangUp(code: number) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}

/** A connection that accepts every token and subscription, as the service does. */
export class LiveLine extends Line {
  constructor(url: string) {
    super(url);
    queueMicrotask(() => this.accept());
  }

  override send(text: string) {
    super.send(text);
    const message = this.sent.at(-1);
    queueMicrotask(() => {
      if (message?.type === 'authenticate') this.push({ type: 'authenticated', expires_at: new Date(Date.now() + 600_000).toISOString() });
      if (message?.type === 'subscribe') this.push({ type: 'subscribed', device_ids: message.device_ids as string[], alerts: true, channels: null });
      if (message?.type === 'ping') this.push({ type: 'pong' });
    });
  }

  push(frame: Frame) {
    this.say(frame);
  }
}
