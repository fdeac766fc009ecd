// Frames of the live connection, checked by the schema that they are built with.
import { frameChecks } from '@/lib/api/live-frames';

type Checks = typeof frameChecks;
type FrameType = keyof Checks;
export type Frame = { [T in FrameType]: Checks[T] extends (frame: unknown) => frame is infer F ? F : never }[FrameType];

const isKnown = (type: unknown): type is FrameType => typeof type === 'string' && Object.hasOwn(frameChecks, type);

/** Reads frames. An invalid frame is skipped; the first of each type is logged. */
export class FrameReader {
  private readonly logged = new Set<string>();

  /** Return the frame; null if it is invalid or of a type that this page does not know. */
  read(data: unknown): Frame | null {
    const frame = parse(data);
    if (frame === null) return this.skip('text', 'no JSON object');
    if (!isKnown(frame.type)) return null;
    const check = frameChecks[frame.type];
    if (check(frame)) return frame;
    const [error] = check.errors ?? [];
    return this.skip(frame.type, `${error?.instancePath ?? ''} ${error?.keyword ?? ''}`);
  }

  private skip(type: string, reason: string): null {
    if (!this.logged.has(type)) {
      this.logged.add(type);
      // oxlint-disable-next-line no-console -- the only place where an operator can see a frame that breaks the contract
      console.error('skipped an invalid live frame:', type, reason);
    }
    return null;
  }
}

function parse(data: unknown): { type?: unknown } | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
