import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MIGRATIONS_FOLDER } from '../migrate.ts'

const A_DAY_MS = 86_400_000

/**
 * The migrations with one more, as the next release would bring it.
 *
 * @param laterMs how much newer than the newest it says it is; less than nothing for a branch that was merged late
 */
export const withNextMigration = (sql: string, laterMs = A_DAY_MS): { folder: string; remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-next-'))
  cpSync(MIGRATIONS_FOLDER, folder, { recursive: true })
  const path = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(path, 'utf8')) as { entries: { idx: number; when: number; tag: string }[] }
  const newest = journal.entries.at(-1)
  if (newest === undefined) throw new Error('there are no migrations')
  const tag = `${String(newest.idx + 1).padStart(4, '0')}_next`
  journal.entries.push({ ...newest, idx: newest.idx + 1, when: newest.when + laterMs, tag })
  writeFileSync(path, JSON.stringify(journal))
  writeFileSync(join(folder, `${tag}.sql`), sql)
  return { folder, remove: () => rmSync(folder, { recursive: true }) }
}
