/**
 * What a workspace has at most. Lists of these are shown, sorted and filtered as a whole, and have no pages; everything
 * else that grows with use is read page by page.
 */

/** People, with those who are invited. A list of so many takes 0.5 MB and some 50 ms. */
export const MOST_MEMBERS = 2_000
/** A key is for a program. Whoever makes one per user wants members. */
export const MOST_KEYS = 500
/** Every transaction of a caller carries the ids of the collections that it may see: 37 kB of so many. */
export const MOST_COLLECTIONS = 1_000
