import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameReader } from './frames';

const EXAMPLES = join(import.meta.dirname, '../../../../packages/energy_contracts/examples/live_frame');
const examples = readdirSync(EXAMPLES).map((name) => [name, readFileSync(join(EXAMPLES, name), 'utf8')] as const);
const update = JSON.parse(readFileSync(join(EXAMPLES, 'hourly_updated.json'), 'utf8')) as object;

const log = vi.spyOn(console, 'error');

beforeEach(() => {
  log.mockReset();
});

describe('the reader of live frames', () => {
  it.each(examples)('reads the example %s of the contracts', (_, text) => {
    expect(new FrameReader().read(text)).toEqual(JSON.parse(text));
    expect(log).not.toHaveBeenCalled();
  });

  it.each([
    ['without a field', { ...update, start: undefined }],
    ['with energy as text', { ...update, total_consumption: '0.5' }],
    ['with a begin that is no instant', { ...update, start: 'noon' }],
  ])('skips an update %s and logs it once', (_, invalid) => {
    const reader = new FrameReader();
    expect(reader.read(JSON.stringify(invalid))).toBeNull();
    expect(reader.read(JSON.stringify(invalid))).toBeNull();
    expect(log).toHaveBeenCalledOnce();
    expect(log.mock.calls[0]).toContain('hourly_updated');
  });

  it.each(['not json', '[]', 'null', '7'])('skips the message %s', (text) => {
    expect(new FrameReader().read(text)).toBeNull();
  });

  it('skips a type that it does not know, and logs nothing', () => {
    expect(new FrameReader().read('{"type": "something_new"}')).toBeNull();
    expect(new FrameReader().read('{"type": "toString"}')).toBeNull();
    expect(log).not.toHaveBeenCalled();
  });
});
