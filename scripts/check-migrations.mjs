// Finds in migrations what the release before would notice: while replicas are replaced one by one, both run on the new
// schema. What was released is as it was: its hashes are in packages/db/released-migrations.json.
//   node scripts/check-migrations.mjs [folder]
//   node scripts/check-migrations.mjs --release     notes that what is there now has been released
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { problemsOf } from './check/migration-rules.mjs'
import { report } from './check/report.mjs'

const releasing = process.argv[2] === '--release'
const root = path.resolve((releasing ? undefined : process.argv[2]) ?? path.join(import.meta.dirname, '..'))
const folder = path.join(root, 'packages', 'db', 'migrations')
const record = path.join(root, 'packages', 'db', 'released-migrations.json')

const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.sql')) : []
const hashOf = (name) =>
  createHash('sha256')
    .update(readFileSync(path.join(folder, name)))
    .digest('hex')
const released = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {}

if (releasing) {
  writeFileSync(record, `${JSON.stringify(Object.fromEntries(files.map((name) => [name, hashOf(name)])), null, 2)}\n`)
} else {
  const changed = Object.entries(released).flatMap(([name, hash]) => {
    if (!files.includes(name)) return [`${name} was released, and is gone`]
    return hashOf(name) === hash
      ? []
      : [`${name} was released, and has been changed: databases that have it never see that`]
  })
  const found = files
    .filter((name) => !Object.hasOwn(released, name))
    .flatMap((name) =>
      problemsOf(readFileSync(path.join(folder, name), 'utf8')).map(
        ({ line, problem }) => `${name}:${line} ${problem}`,
      ),
    )
  report([...changed, ...found], 'problems of migrations')
}
