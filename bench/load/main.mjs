// `npm run load`: what the product does under people who use it all day, stage by stage. See options.mjs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { mainFigures, missedOf, OVERLOAD_TARGETS, TARGETS } from './figures.mjs'
import { HELP, readOptions } from './options.mjs'
import { reportPage } from './report.mjs'
import { startScene } from './scene.mjs'
import { runOverload, runStage } from './stages.mjs'
import { watchMachine } from './watch.mjs'

const REPORTS = join(import.meta.dirname, '..', '..', '.cache', 'load')

const writeReport = (result) => {
  mkdirSync(REPORTS, { recursive: true })
  const file = join(REPORTS, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.html`)
  writeFileSync(file, reportPage(result))
  return file
}

/** One line of what a stage came to. */
const sentence = ({ users, requestsPerSecond, api, firstToken, errors, errorKinds, hitRatio, generator, cpu }) => {
  const cores = Object.values(cpu).reduce((sum, one) => sum + one, 0)
  return `${users} people: ${requestsPerSecond} requests/s, p50 ${api.p50Ms}, p95 ${api.p95Ms}, p99 ${api.p99Ms} ms; first token p95 ${firstToken.p95Ms} ms; ${errors} errors ${errors > 0 ? JSON.stringify(errorKinds) : ''}; hits ${hitRatio}; ${cores.toFixed(2)} cores; generator late by ${generator.lagP99Ms} ms (p99)`
}

const run = async (options) => {
  const say = options.quiet ? () => {} : (line) => console.error(line)
  const scene = await startScene(options, say)
  const watch = watchMachine({
    ...{ adapter: scene.cluster.adapter, processes: scene.processes, metrics: scene.cluster.metrics },
  })
  const interrupted = () => {
    void scene.stop().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    const { warmUpMs, durationMs } = options
    const stages = []
    // Code is compiled, pools are filled, lists are kept: once, before everything.
    await scene.generator.ask({ what: 'users', count: options.stages[0] })
    await new Promise((resolve) => setTimeout(resolve, warmUpMs))
    for (const users of options.stages) {
      const { figures, faults } = await runStage(scene, watch, { users, warmUpMs, durationMs })
      stages.push(figures)
      say(sentence(figures))
      for (const fault of faults) say(`  ${fault}`)
    }
    let overload = null
    if (options.overload !== null) {
      const base = stages.at(-1)
      const ran = await runOverload(scene, watch, { factor: options.overload, base, warmUpMs, durationMs })
      overload = ran.figures
      say(`${sentence(overload)}; normal after ${overload.secondsToNormal} s`)
      for (const fault of ran.faults) say(`  ${fault}`)
    }
    await scene.generator.ask({ what: 'users', count: 0 })
    return { stages, overload, provided: await scene.provided() }
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
    await watch.stop()
    await scene.stop()
  }
}

let options
try {
  options = readOptions(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
if (options === null) {
  console.log(HELP)
  process.exit(0)
}
const { stages, overload, provided } = await run(options)
const figures = mainFigures(stages)
const missed = missedOf(figures, overload)
const targets = { ...TARGETS, ...(overload === null ? {} : { overload: OVERLOAD_TARGETS }) }
const result = { figures, targets, missed, stages, overload, provided, load: loadavg(), options, at: new Date() }
const report = writeReport(result)
if (!options.quiet) {
  console.error(`report: ${report}`)
  for (const line of missed) console.error(`missed: ${line}`)
}
console.log(
  JSON.stringify({
    ...{ bench: 'load', pass: missed.length === 0, figures: { ...figures, missed, overload, stages, provided } },
    targets,
  }),
)
process.exit(missed.length === 0 ? 0 : 1)
