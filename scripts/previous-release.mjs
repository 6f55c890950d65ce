// Runs the database tests of verbs and procedures as they were in the release before, with its code, on the schema of now:
// what a replica of that release does while this one is rolled out, and after it is put back.
//   TEST_DATABASE_URL=… node scripts/previous-release.mjs [path…]     paths of that release; packages/api and packages/core without
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ROOT } from './boot/paths.mjs'

const { commit } = JSON.parse(readFileSync(path.join(ROOT, 'packages', 'db', 'previous-release.json'), 'utf8'))
const folder = mkdtempSync(path.join(tmpdir(), 'quarry-previous-'))

const run = (file, args, cwd) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: 'inherit', env: { ...process.env, CI: 'true' } })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
const must = async (file, args, cwd) => {
  const code = await run(file, args, cwd)
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`)
}

try {
  await must('git', ['clone', '-q', '--no-checkout', ROOT, folder], ROOT)
  await must('git', ['-c', 'advice.detachedHead=false', 'checkout', '-q', commit], folder)
  await must('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=silent'], folder)
  const migrations = path.join('packages', 'db', 'migrations')
  rmSync(path.join(folder, migrations), { recursive: true })
  cpSync(path.join(ROOT, migrations), path.join(folder, migrations), { recursive: true })
  const given = process.argv.slice(2)
  const paths = given.length > 0 ? given : ['packages/api', 'packages/core']
  const missing = paths.filter((one) => !existsSync(path.join(folder, one)))
  if (missing.length > 0) throw new Error(`the release before has no ${missing.join(', ')}`)
  process.exitCode = await run('pnpm', ['exec', 'vitest', 'run', '--project', 'db', '--maxWorkers=3', ...paths], folder)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
