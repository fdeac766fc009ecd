/** Space around every plot, px. It is fixed, so that the pointer's slot follows from the position alone. */
export const PLOT = { left: 40, right: 8, top: 10, bottom: 30 };
