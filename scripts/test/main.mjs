// `npm test`: everything is checked. `npm run proof`: the long forms. Both start what they need and stop it again.
//   npm test -- --only unit,db     some steps only
import { BootFailure } from '../boot/failure.mjs'
import { canMount } from '../../docker/walk/layers.mjs'
import { findChromium } from './chromium.mjs'
import { findProgram, PROGRAMS } from '../services/installed-program.mjs'
import { startPostgres } from './postgres.mjs'
import { startProduct } from './product-under-test.mjs'
import { check, endSteps, playwright, vitest } from './steps.mjs'

const say = (message) => console.log(`  ${message}`)

/** What was started, last first when it is stopped. */
const started = []
const keep = (service) => {
  started.push(service)
  return service
}
const stopAll = async () => {
  while (started.length > 0) await started.pop().stop()
}

/** What a step needs is not to be had on this machine. Its message says what to install. */
class Unavailable extends Error {}

/** Started for the first step that asks, and used by the later ones. */
const once = (make) => {
  let made
  return () =>
    (made ??= make().catch((error) => {
      throw new Unavailable(error.message)
    }))
}
const postgres = once(async () => keep(await startPostgres(say)))
const redis = once(() => findProgram(PROGRAMS.redis, say))
const pgbouncer = once(() => findProgram(PROGRAMS.pgbouncer, say))
const chromium = once(() => findChromium(say))

/** Test files start a Redis of their own: what they need is its program. */
const withRedis = async (project, env = {}) => vitest(project, { TEST_REDIS_SERVER: await redis(), ...env })
const services = async () => ({
  TEST_REDIS_SERVER: await redis(),
  TEST_DATABASE_URL: (await postgres()).url,
  TEST_PGBOUNCER: await pgbouncer(),
})
const withServices = async (project) => vitest(project, await services())
/** The suites that run the product say so at once where it cannot be built, and do not all try it again. */
let doesNotBuild = false
const build = async () => {
  const result = await check('boot.mjs', ['build'])
  doesNotBuild = result.counts.failed > 0
  return result
}
const needBuild = () => {
  if (doesNotBuild) throw new Error('Not run: the product does not build.')
}

const withBrowser = async (args) => {
  needBuild()
  const executable = await chromium()
  // The tests stand for a proxy: people come from networks of their own.
  const product = keep(await startProduct({ TRUSTED_PROXIES: '1' }))
  const env = { CHROMIUM_PATH: executable, QUARRY_E2E_URL: product.url, QUARRY_E2E_DATA: product.dataFolder }
  const result = await playwright(env, args)
  if (result.counts.failed > 0) result.output += `\n${product.logs()}`
  await product.stop()
  started.splice(started.indexOf(product), 1)
  return result
}

/** Results of earlier runs count on a developer's machine; elsewhere everything is done anew. */
const FORCED = process.env.CI ? ['--force'] : []

const TESTS = {
  format: () => check('oxfmt', ['--check']),
  lint: () => check('oxlint', ['--type-aware', '--deny-warnings']),
  types: () =>
    check('turbo', ['run', 'typecheck', 'typecheck:root', '--continue', '--output-logs=errors-only', ...FORCED]),
  boundaries: () => check('check-boundaries.mjs'),
  cycles: () => check('check-cycles.mjs'),
  documents: () => check('check-documents.mjs'),
  migrations: () => check('check-migrations.mjs'),
  unit: () => withRedis('unit'),
  db: () => withServices('db'),
  build,
  integration: async () => {
    needBuild()
    return withServices('integration')
  },
  e2e: () => withBrowser(['--grep-invert', '@long']),
}
const PROOFS = {
  build,
  deploy: () => check('check-deploy.mjs'),
  images: async () => {
    if (!canMount()) throw new Unavailable('walking through the images needs root on Linux, with the right to mount')
    return check('../docker/walk.mjs')
  },
  'previous-release': async () => check('previous-release.mjs', [], await services()),
  proof: () => withServices('proof'),
  'e2e-long': () => withBrowser(['--grep', '@long']),
}

const chosen = (steps, args) => {
  const at = args.indexOf('--only')
  if (at === -1) return Object.entries(steps)
  const names = (args[at + 1] ?? '').split(',')
  const unknown = names.filter((name) => !Object.hasOwn(steps, name))
  if (unknown.length > 0)
    throw new BootFailure(`There is no step ${unknown.join(', ')}: ${Object.keys(steps).join(', ')}.`)
  return names.map((name) => [name, steps[name]])
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(8)
const sentence = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`

const outcomeOf = async (step) => {
  try {
    return await step()
  } catch (error) {
    // No test has failed, but none has run either: it counts as skipped, and the run fails all the same.
    if (error instanceof Unavailable) return { counts: { passed: 0, failed: 0, skipped: 1 }, missing: error.message }
    return { counts: { passed: 0, failed: 1, skipped: 0 }, output: error.stack }
  }
}

const runSteps = async (steps) => {
  const total = { passed: 0, failed: 0, skipped: 0 }
  const unavailable = []
  // The output of a step is long: what failed is said once more where everybody looks, at the end.
  const failed = []
  for (const [name, step] of steps) {
    const since = performance.now()
    const { counts, output = '', missing, failures = [] } = await outcomeOf(step)
    if (counts.failed > 0) console.log(`\n${output.trimEnd()}\n`)
    failed.push(...failures.map((failure) => `failed: ${name}: ${failure}`))
    if (missing !== undefined) unavailable.push(`${name} was skipped: ${missing}`)
    for (const key of Object.keys(total)) total[key] += counts[key]
    const mark = counts.failed > 0 ? 'FAIL' : missing === undefined ? 'ok  ' : 'SKIP'
    console.log(`${mark} ${name.padEnd(12)}${seconds(since)}   ${sentence(counts)}`)
  }
  for (const line of [...failed, ...unavailable]) console.log(line)
  console.log(sentence(total))
  return total.failed === 0 && unavailable.length === 0
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  let told = false
  process.on(signal, () => {
    if (told) return
    told = true
    endSteps()
    void stopAll().finally(() => process.exit(130))
  })
}

try {
  const args = process.argv.slice(2)
  const steps = chosen(args.includes('--proof') ? PROOFS : TESTS, args)
  const ok = await runSteps(steps)
  process.exitCode = ok ? 0 : 1
} catch (error) {
  if (!(error instanceof BootFailure)) throw error
  console.error(error.message)
  process.exitCode = 1
} finally {
  await stopAll()
}
