import type { OrgId } from '@quarry/contracts'
import { z } from 'zod'
import type { TableReport } from './report.ts'

/** Raised when a backup of the new kind cannot be read by code of the old. */
export const BACKUP_FORMAT = 1

export const MANIFEST_FILE = 'manifest.json'
export const BLOB_LIST_FILE = 'blobs.jsonl'
/** Kept beside the rows where the installation had them; as secret as passwords. */
export const SECRET_FILES = ['auth-secret', 'credentials.json'] as const

const file = z.object({
  /** Relative to the manifest. */
  path: z
    .string()
    .regex(/^[a-z0-9_.-]+(?:\/[a-z0-9_.-]+)*$/)
    .refine((path) => !path.includes('..')),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

const column = z.object({ name: z.string(), type: z.string() })

export const backupManifest = z.object({
  format: z.number(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** Digests of the migrations that made the tables, oldest first. */
  migrations: z.array(z.string()).min(1),
  organisations: z.array(z.uuid()),
  sequences: z.record(z.string(), z.string()),
  /** In the order in which they can be restored. */
  tables: z.array(
    z.object({
      name: z.string(),
      quoted: z.string(),
      isTenant: z.boolean(),
      columns: z.array(column).min(1),
      key: z.array(column).min(1),
    }),
  ),
  /** Gzipped JSON lines; a table without rows in an organisation has none. */
  rows: z.array(
    file.extend({
      table: z.string(),
      organisation: z.uuid().nullable(),
      rows: z.number().int(),
      checksum: z.string().regex(/^[0-9a-f]{32}$/),
    }),
  ),
  blobs: file.extend({ count: z.number().int(), bytes: z.number().int() }),
})

export type BackupManifest = z.infer<typeof backupManifest>

/** What a backup says of its rows, without where they are in it. */
export const tablesOf = (rows: BackupManifest['rows']): TableReport[] =>
  rows.map(({ table, organisation, rows: count, checksum }) => ({
    table,
    organisation: organisation as OrgId | null,
    rows: count,
    checksum,
  }))
