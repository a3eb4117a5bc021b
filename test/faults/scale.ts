/** How much shorter all limits of a call are than in a deployment: see core/time-scale.ts. */
export const TIME_SCALE = 0.2;

/** As long as the handlers take for so many milliseconds of a deployment. */
export const scaledMs = (milliseconds: number): number => Math.round(milliseconds * TIME_SCALE);
