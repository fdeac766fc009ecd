// The parts of a page that several tests read.
import { screen, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';

/** Return the exact kWh of a figure card; '' while it is not known. */
export async function figureOf(testId: string): Promise<string | undefined> {
  return (await screen.findByTestId(testId)).dataset.value;
}

/** Return the kWh of each bar by the hour or day at which it begins. */
export async function bars(testId: 'hour-bar' | 'slot-bar'): Promise<Record<string, number>> {
  const drawn = await screen.findAllByTestId(testId);
  return Object.fromEntries(drawn.map(({ dataset }) => [dataset.start ?? '', Number(dataset.kwh)]));
}

/** Return the texts of a table's body, row by row. */
export async function rows(testId: string): Promise<(string | null)[][]> {
  const table = await screen.findByTestId(testId);
  return [...table.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent));
}

/** Return the marks that a legend explains: that of the bars, or (1) that of the running total. */
export async function legend(chart: 0 | 1 = 0): Promise<(string | null)[]> {
  const legends = await screen.findAllByTestId('legend');
  return [...(legends[chart]?.children ?? [])].map((entry) => entry.textContent);
}

/** Return the error that is shown beside a field of a form; '' if there is none. */
export function errorBeside(label: RegExp | string): string {
  const field = screen.getByLabelText(label, { selector: 'input, textarea' }).closest('.mantine-InputWrapper-root');
  return field?.querySelector('.mantine-InputWrapper-error')?.textContent ?? '';
}

/** Choose an option of a field with a list. */
export async function choose(user: UserEvent, testId: string, option: string): Promise<void> {
  const field = await screen.findByTestId(testId);
  await user.click(field);
  const list = await within(document.body).findByText(option, { selector: `#${CSS.escape(field.getAttribute('aria-controls') ?? '')} *` });
  await user.click(list);
}

/** Return the heading of the page. */
export function heading(): string | null | undefined {
  return document.querySelector('h1')?.textContent;
}

/** Make the window so wide, as media queries see it. */
export function setWidth(width: number): void {
  (globalThis as unknown as { happyDOM: { setViewport: (size: { width: number }) => void } }).happyDOM.setViewport({ width });
}
