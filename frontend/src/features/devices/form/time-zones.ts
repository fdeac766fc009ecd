// The names of the time zones that a device may have.

/** Return the zones that this browser knows, with UTC and the zone that the device has. */
export function timeZones(present: string): string[] {
  return [...new Set([present, 'UTC', ...Intl.supportedValuesOf('timeZone')])].filter((zone) => zone !== '').toSorted();
}
