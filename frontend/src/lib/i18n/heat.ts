// The texts of the heat map, which loads when a period has one.
import { language } from './language';

export const en = {
  unit: 'kWh per hour',
  caption: (period: string) => `Electricity use by hour and day, ${period}. Rows are hours, columns are days.`,
  hour: 'Hour',
  cell: (day: string, hours: string, kwh: string) => `${day}, ${hours}: ${kwh} kWh`,
  empty: (day: string, hours: string) => `${day}, ${hours}: no readings`,
  estimated: 'estimated',
  openDay: (day: string) => `Open ${day}`,
  least: 'Less',
  most: 'More',
  view: 'Heat map columns',
  byDay: 'Days',
  byWeekday: 'Weekdays',
  average: (day: string) => `${day} on average`,
  captionWeekdays: (period: string) => `Electricity use by hour and weekday on average, ${period}. Rows are hours, columns are weekdays.`,
  base: (kwh: string) => `Base load ${kwh} kWh per hour`,
  strongest: (hours: string) => `busiest hour ${hours}`,
};

export const ro: typeof en = {
  unit: 'kWh pe oră',
  caption: (period) => `Consumul de energie pe ore și zile, ${period}. Rândurile sunt ore, coloanele sunt zile.`,
  hour: 'Ora',
  cell: (day, hours, kwh) => `${day}, ${hours}: ${kwh} kWh`,
  empty: (day, hours) => `${day}, ${hours}: fără citiri`,
  estimated: 'estimat',
  openDay: (day) => `Deschide ${day}`,
  least: 'Mai puțin',
  most: 'Mai mult',
  view: 'Coloanele hărții termice',
  byDay: 'Zile',
  byWeekday: 'Zilele săptămânii',
  average: (day) => `${day}, în medie`,
  captionWeekdays: (period) => `Consumul mediu de energie pe ore și zile ale săptămânii, ${period}. Rândurile sunt ore, coloanele sunt zilele săptămânii.`,
  base: (kwh) => `Consum de bază ${kwh} kWh pe oră`,
  strongest: (hours) => `cel mai mult la orele ${hours}`,
};

export const heatWords = { en, ro }[language];
