import { useSyncExternalStore } from 'react';

const QUERIES = {
  /** The screen is narrow. */
  phone: '(max-width: 44.99em)',
  /** The screen is touched. */
  touch: '(pointer: coarse)',
  /** The periods stand in reach of the thumb: not on a low screen, where they would cover half the page. */
  thumb: '(max-width: 44.99em) and (min-height: 30em)',
  /** There is only room for letters in them. */
  letters: '(max-width: 29.99em) and (min-height: 30em)',
  /** The page is being printed. */
  paper: 'print',
};

export type Screen = Record<keyof typeof QUERIES, boolean>;

const NAMES = Object.keys(QUERIES) as (keyof typeof QUERIES)[];
const lists = NAMES.map((name) => matchMedia(QUERIES[name]));
const read = () => Object.fromEntries(NAMES.map((name, at) => [name, lists[at]?.matches === true])) as Screen;

let screen = read();
const listeners = new Set<() => void>();
for (const list of lists) {
  list.addEventListener('change', () => {
    screen = read();
    for (const listener of listeners) listener();
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Return how the page is shown. One set of media queries serves all parts of the page. */
export function useScreen(): Screen {
  return useSyncExternalStore(subscribe, () => screen);
}
