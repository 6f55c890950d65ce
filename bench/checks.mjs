// Runs the tests of the numbered checks (bench/checks/table.mjs) on a real PostgreSQL and Redis and says for each what
// came of it. The last line is one JSON object; exit code 1 when a test failed, or a check has no mutation or no control.
// `--short` leaves the long forms out: ten thousand transactions, a hundred thousand passages.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findProgram, PROGRAMS } from '../scripts/services/installed-program.mjs'
import { startPostgres } from '../scripts/test/postgres.mjs'
import { filesOfChecks, numberOf } from './checks/table.mjs'

const TARGETS = { failed: 0, skipped: 0, mutations: 1, controls: 1 }
const ROOT = path.join(import.meta.dirname, '..')
const say = (message) => console.error(message)

const PROJECTS = ['unit', 'db', 'integration', ...(process.argv.includes('--short') ? [] : ['proof'])]
/** As many as `npm test` runs: most of them wait. */
const FILES_AT_ONCE = 3

const runTests = async (files, env) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-checks-'))
  const report = path.join(folder, 'report.json')
  const projects = PROJECTS.flatMap((project) => ['--project', project])
  const args = [
    'run',
    ...projects,
    `--maxWorkers=${FILES_AT_ONCE}`,
    '-t',
    'check [0-9]+:',
    '--reporter=json',
    `--outputFile=${report}`,
    ...files,
  ]
  try {
    const child = spawn(path.join(ROOT, 'node_modules', '.bin', 'vitest'), args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    return { code, files: JSON.parse(readFileSync(report, 'utf8')).testResults }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the tests of one check did. */
const figuresOf = (tests) => {
  const count = (wanted) => tests.filter(wanted).length
  const passedAs = (kind) => count(({ title, status }) => status === 'passed' && title.startsWith(`${kind}:`))
  return {
    passed: count(({ status }) => status === 'passed'),
    failed: count(({ status }) => status === 'failed'),
    skipped: count(({ status }) => status !== 'passed' && status !== 'failed'),
    mutations: passedAs('mutation'),
    controls: passedAs('control'),
    seconds: Math.round(tests.reduce((sum, { duration }) => sum + (duration ?? 0), 0) / 100) / 10,
  }
}

const holds = ({ passed, failed, skipped, mutations, controls }) =>
  passed > 0 &&
  failed === TARGETS.failed &&
  skipped === TARGETS.skipped &&
  mutations >= TARGETS.mutations &&
  controls >= TARGETS.controls

const checks = filesOfChecks()
const server = await startPostgres(say)
try {
  const { code, files } = await runTests([...new Set(checks.flatMap((check) => check.files))], {
    TEST_DATABASE_URL: server.url,
    TEST_REDIS_SERVER: await findProgram(PROGRAMS.redis, say),
    TEST_PGBOUNCER: await findProgram(PROGRAMS.pgbouncer, say),
  })
  // A file that does not load, or whose beforeAll throws, fails without a failed test.
  const broken = files.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
  const tests = files.flatMap((file) => file.assertionResults)
  const figures = {}
  for (const { number, title } of checks) {
    const own = tests.filter(({ ancestorTitles }) => numberOf(ancestorTitles[0]) === number)
    const found = figuresOf(own)
    figures[number] = found
    say(
      `${holds(found) ? 'ok  ' : 'FAIL'} ${String(number).padStart(2)}  ${title}: ${found.passed} passed, ${found.failed} failed, ` +
        `${found.skipped} skipped, ${found.mutations} mutations, ${found.controls} controls, ${found.seconds} s`,
    )
    // The message alone: the stack is for whoever runs that test by itself.
    for (const { fullName, status, failureMessages } of own)
      if (status === 'failed') say(`       ${fullName}: ${failureMessages[0]?.split('\n    at ')[0]}`)
  }
  for (const { name, message } of broken) say(`FAIL ${name}: ${message}`)
  const pass = code === 0 && broken.length === 0 && Object.values(figures).every(holds)
  console.log(JSON.stringify({ bench: 'checks', pass, figures, targets: TARGETS }))
  if (!pass) process.exitCode = 1
} finally {
  await server.stop()
}
