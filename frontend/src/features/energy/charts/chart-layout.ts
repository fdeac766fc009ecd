/** Space around every plot, px. Fixed, so the pointer's slot can be told without asking the chart. */
export const PLOT = { left: 40, right: 8, top: 10, bottom: 30 };
