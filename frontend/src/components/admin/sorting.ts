// The order of a list, as the services name it: a field, with "-" in front for the opposite way.

/** The present order, and the function that chooses another one. */
export type Sorting = { ordering: string; onSort: (ordering: string) => void };

export type Way = 'ascending' | 'descending' | 'none';

export function wayOf(ordering: string, field: string): Way {
  if (ordering === field) return 'ascending';
  return ordering === `-${field}` ? 'descending' : 'none';
}

/** Return the order after a click on the head of a column: the other way round, or by that column. */
export function nextOrdering(ordering: string, field: string): string {
  return ordering === field ? `-${field}` : field;
}

/** Return the order of the address if the list has it, else the list's own. */
export function orderingOf(inAddress: string, fields: readonly string[], usual: string): string {
  return fields.includes(inAddress.replace(/^-/, '')) ? inAddress : usual;
}
