// The texts inside of exported files, which load when a file is saved.
import { language } from './language';

export const en = {
  measured: 'complete',
  /** Names of the sheets of a workbook. */
  sheets: { shown: 'Energy', devices: 'Devices', ranking: 'Totals', readings: 'Readings' },
  columns: {
    startLocal: (zone: string) => `Local start (${zone})`,
    endLocal: (zone: string) => `Local end (${zone})`,
    startUtc: 'Start (UTC)',
    endUtc: 'End (UTC)',
    device: 'Device',
    deviceId: 'Device ID',
    energy: 'Energy',
    energyOf: (device: string) => `${device} (kWh)`,
    unit: 'Unit',
    quality: 'Quality',
    readings: 'Readings',
    hours: 'Hours with data',
    expected: 'Hours expected',
    estimated: 'Estimated part of the energy',
    power: 'Average power (kW)',
    quarters: { measured: 'Quarter-hours measured', estimated: 'Quarter-hours estimated', missing: 'Quarter-hours missing' },
    compared: (name: string) => `Compared with: ${name} (kWh)`,
    difference: (name: string) => `Difference to ${name} (kWh)`,
    share: 'Share of the total',
    reading: 'Reading',
    correction: 'Correction',
  },
};

export const ro: typeof en = {
  measured: 'complet',
  sheets: { shown: 'Energie', devices: 'Dispozitive', ranking: 'Totaluri', readings: 'Citiri' },
  columns: {
    startLocal: (zone) => `Început local (${zone})`,
    endLocal: (zone) => `Sfârșit local (${zone})`,
    startUtc: 'Început (UTC)',
    endUtc: 'Sfârșit (UTC)',
    device: 'Dispozitiv',
    deviceId: 'ID dispozitiv',
    energy: 'Energie',
    energyOf: (device) => `${device} (kWh)`,
    unit: 'Unitate',
    quality: 'Calitate',
    readings: 'Citiri',
    hours: 'Ore cu date',
    expected: 'Ore așteptate',
    estimated: 'Partea estimată a energiei',
    power: 'Putere medie (kW)',
    quarters: { measured: 'Sferturi de oră măsurate', estimated: 'Sferturi de oră estimate', missing: 'Sferturi de oră lipsă' },
    compared: (name) => `Comparat cu: ${name} (kWh)`,
    difference: (name) => `Diferență față de ${name} (kWh)`,
    share: 'Cota din total',
    reading: 'Citire',
    correction: 'Corecție',
  },
};

export const exportWords = { en, ro }[language];
