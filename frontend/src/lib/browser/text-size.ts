/** Size in px of text that nobody has enlarged. */
const USUAL_PX = 16;

/** How much larger than usual the reader of this browser wants all text: 2 at 200 %. */
export const textScale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_PX || 1;
