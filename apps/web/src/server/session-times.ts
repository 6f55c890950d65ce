/** How long a session lives that nobody uses. */
export const MONTH_SECONDS = 30 * 24 * 3600
/** One that is used is prolonged so often. */
export const DAY_SECONDS = 24 * 3600
