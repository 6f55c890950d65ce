import { setTimeout as pause } from 'node:timers/promises'
import { stageFigures } from './figures.mjs'

/** Long enough for what a limit refused to come back, and to see whether it stays. */
const OVERLOAD_MS = 60_000
const BACK_MS = 60_000
const WINDOW_MS = 5_000
/** As quick as before, within what two windows of five seconds differ by anyhow. */
const AS_BEFORE = 1.5

/** So many people for a while; what is measured begins after the warm-up. */
export const runStage = async (scene, watch, { users, warmUpMs, durationMs }) => {
  await scene.generator.ask({ what: 'users', count: users })
  await pause(warmUpMs)
  await scene.generator.ask({ what: 'take' })
  const end = await watch.begin()
  const startedAt = performance.now()
  await pause(durationMs)
  const seconds = (performance.now() - startedAt) / 1_000
  const taken = await scene.generator.ask({ what: 'take' })
  const machine = await end()
  return { figures: stageFigures({ users, seconds, taken, machine }), faults: taken.firstFaults }
}

/**
 * Many more people than there were, and back: what they are told, how quick what is served is, and after how many seconds
 * everything is as it was. `base` is the stage before.
 */
export const runOverload = async (scene, watch, { factor, base, warmUpMs, durationMs }) => {
  const users = Math.round(base.users * factor)
  const during = await runStage(scene, watch, { users, warmUpMs, durationMs: Math.min(durationMs, OVERLOAD_MS) })
  await scene.generator.ask({ what: 'users', count: base.users })
  await scene.generator.ask({ what: 'take' })
  const startedAt = performance.now()
  let secondsToNormal = null
  const windows = []
  // The first good window of two: one may be luck.
  let good = 0
  while (performance.now() - startedAt < BACK_MS + 2 * WINDOW_MS && good < 2) {
    await pause(WINDOW_MS)
    const taken = await scene.generator.ask({ what: 'take' })
    const { api, errors } = stageFigures({ users: base.users, seconds: WINDOW_MS / 1_000, taken, machine: {} })
    windows.push({ p95Ms: api.p95Ms, errors })
    const isGood = errors === 0 && api.p95Ms !== null && api.p95Ms <= Math.max(base.api.p95Ms * AS_BEFORE, 50)
    good = isGood ? good + 1 : 0
    if (good === 1) secondsToNormal = Math.round((performance.now() - startedAt) / 1_000)
    if (good === 0) secondsToNormal = null
  }
  const { figures, faults } = during
  const kinds = figures.errorKinds
  return {
    figures: {
      ...figures,
      retryAfterMissing: (kinds['429 without'] ?? 0) + (kinds['503 without'] ?? 0),
      p95Ratio: Number((figures.api.p95Ms / base.api.p95Ms).toFixed(2)),
      ...{ secondsToNormal, windows },
    },
    faults,
  }
}
