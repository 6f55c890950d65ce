import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../../../..')

/** Settings that outlive their transaction would be the next one's. (Those of a function end with it.) */
const SESSION_SETTING = /set_config\([^;]*?,\s*false\s*\)|(?:^|['"`;])\s*set\s+(?:session\s+|(?:role|app\.))/i
/** Its connection is the owner's, and ends with it. */
const MIGRATION = 'packages/db/src/migrate.ts'

const sources = ['packages', 'apps']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder)).flatMap((name) =>
      ['src', 'migrations'].map((part) => join(ROOT, folder, name, part)),
    ),
  )
  .flatMap((folder) => {
    try {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))
    } catch {
      return []
    }
  })
  .filter((file) => /\.(?:ts|sql)$/.test(file) && !/\.test\.ts$|\/testing\//.test(file) && !file.endsWith(MIGRATION))

const settingsOf = (text: string) => text.split('\n').filter((line) => SESSION_SETTING.test(line))

test('nothing sets a role or a tenant for longer than a transaction', () => {
  expect(sources.length).toBeGreaterThan(300)
  const found = sources.flatMap((file) =>
    settingsOf(readFileSync(file, 'utf8')).map((line) => `${file}: ${line.trim()}`),
  )
  expect(found).toEqual([])
})

test('it would be found', () => {
  expect(
    settingsOf(`select set_config('app.org_id', $1, false)\nset role app_user\nset session app.org_id = '1'`),
  ).toHaveLength(3)
  expect(settingsOf(`select set_config('app.org_id', $1, true)\nset local role app_system`)).toEqual([])
})
