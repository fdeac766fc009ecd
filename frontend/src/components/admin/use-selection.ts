// The chosen rows of a list: over several pages, or all that match its filters.
import { useState } from 'react';

/** `all`: every row that matches the filters; else the rows that were chosen one by one, by id. */
export type Chosen<Row> = { all: boolean; rows: ReadonlyMap<string, Row> };

/** Keep the chosen rows while pages are turned; `scope` names the filters, and another one clears the choice. */
export function useSelection<Row extends { id: string }>(scope: string) {
  const [nothing] = useState<Chosen<Row>>({ all: false, rows: new Map() });
  const [state, setState] = useState({ scope, chosen: nothing });
  const chosen = state.scope === scope ? state.chosen : nothing;
  const put = (next: Chosen<Row>) => setState({ scope, chosen: next });

  const set = (rows: readonly Row[], selected: boolean, page: readonly Row[]) => {
    // After "all" a single row that is cleared leaves those of the page: others were never seen.
    const after = new Map(chosen.all ? page.map((row) => [row.id, row] as const) : chosen.rows);
    for (const row of rows) {
      if (selected) after.set(row.id, row);
      else after.delete(row.id);
    }
    put({ all: false, rows: after });
  };
  return {
    chosen,
    set,
    has: (row: Row) => chosen.all || chosen.rows.has(row.id),
    chooseAll: () => put({ all: true, rows: new Map() }),
    clear: () => put(nothing),
  };
}
