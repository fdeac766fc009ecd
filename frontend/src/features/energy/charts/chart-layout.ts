import { textScale } from '@/lib/browser/text-size';

/**
 * Space around every plot, px; labels that a reader has enlarged need more of it. It never changes while a page is open, so that
 * the pointer's slot follows from the position alone.
 */
export const PLOT = { left: 40 * textScale, right: 8, top: 10, bottom: 30 * textScale };
