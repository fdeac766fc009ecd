/** Return the sum in kWh, added up in whole milliwatt-hours: decimals of the API stay equal, not close. */
export function sumKwh(values: readonly number[]): number {
  return values.reduce((sum, kwh) => sum + Math.round(kwh * 1e6), 0) / 1e6;
}

/** Return the sum of the known values in kWh; null if none is known. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((kwh) => kwh !== null);
  return known.length === 0 ? null : sumKwh(known);
}

/** Round kWh to whole milliwatt-hours, as the API does. */
export function roundKwh(kwh: number): number {
  return Math.round(kwh * 1e6) / 1e6;
}

/**
 * Return kWh as the decimal that the API sent, without zeros at the end and without an exponent. The nearest double of a
 * decimal with six places leads back to that decimal up to 4.5 × 10⁹ kWh; a meter of 100 MW needs five years for that.
 */
export function exactKwh(kwh: number): string {
  return (kwh + 0).toFixed(6).replace(/\.?0+$/, '');
}
