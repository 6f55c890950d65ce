import { z } from 'zod'

/** What `quarry backup`, `restore` and `move` print with `--json`. */
export const transferJson = z.object({
  command: z.enum(['backup', 'restore', 'move']),
  dryRun: z.boolean(),
  /** Where it is now: a folder, a file, or an address without its password. */
  place: z.string(),
  organisations: z.int(),
  rows: z.int(),
  /** One for each table and organisation that has rows; equal at both ends. Accounts belong to no organisation. */
  tables: z.array(
    z.object({
      table: z.string(),
      organisation: z.uuid().nullable(),
      rows: z.int(),
      /** Sum of the rows' MD5, 32 hex digits. */
      checksum: z.string(),
    }),
  ),
  blobs: z.object({
    count: z.int(),
    bytes: z.int(),
    /** Keys of files that were lost, or changed, before. */
    missing: z.array(z.string()),
    damaged: z.array(z.string()),
  }),
  /** Files that are still to be read, and are in the new queue. */
  requeued: z.int(),
  resumed: z.boolean(),
  seconds: z.number(),
  /** What to do next, a line each. */
  next: z.array(z.string()),
})
export type TransferJson = z.infer<typeof transferJson>
