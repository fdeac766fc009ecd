// The values of the form by which a meter is replaced.

const two = (part: number) => String(part).padStart(2, '0');

/** The minute of an instant in the reader's own zone, as a field for date and time has it. */
export function localMinute(instant: Date): string {
  const day = `${instant.getFullYear()}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`;
  return `${day}T${two(instant.getHours())}:${two(instant.getMinutes())}`;
}

/** The registers that are filled, by channel; an empty field is an unknown register and never 0. */
export function registersFrom(form: FormData, name: string, codes: readonly string[]): Record<string, number> {
  const entries = codes.map((code) => [code, String(form.get(`${name}.${code}`) ?? '').trim()] as const);
  return Object.fromEntries(entries.filter(([, text]) => text !== '').map(([code, text]) => [code, Number(text)]));
}
