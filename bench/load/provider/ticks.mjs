// One timer for everything that is due: with hundreds of answers at 50 tokens a second, a timer for each token would wake
// the process for each, and a wake-up costs more than the token.

/** Finer than any pause between tokens that somebody sees, and 200 wake-ups a second at most. */
const TICK_MS = 5

const due = new Map()
let timer = null
let last = 0
let lateMs = 0
let mostLateMs = 0
let runs = 0

const tickOf = (at) => Math.ceil(at / TICK_MS)

const run = () => {
  const now = performance.now()
  const until = Math.floor(now / TICK_MS)
  while (last < until && due.size > 0) {
    const tasks = due.get(++last)
    if (tasks === undefined) continue
    due.delete(last)
    const late = now - last * TICK_MS
    lateMs += late * tasks.length
    runs += tasks.length
    mostLateMs = Math.max(mostLateMs, late)
    for (const task of tasks) task()
  }
  last = Math.max(last, until)
  if (due.size > 0) return
  clearInterval(timer)
  timer = null
}

export const ticks = {
  now: () => performance.now(),
  /** Runs `task` at the first tick that is not before `at` (milliseconds of `now`). */
  at: (at, task) => {
    if (timer === null) {
      last = Math.floor(performance.now() / TICK_MS)
      timer = setInterval(run, TICK_MS)
    }
    const tick = Math.max(tickOf(at), last + 1)
    const tasks = due.get(tick)
    if (tasks === undefined) due.set(tick, [task])
    else tasks.push(task)
  },
  /** How late tasks were begun, on average and at worst: a double that is late itself measures itself. */
  lateness: () => ({
    meanLateMs: runs === 0 ? 0 : Number((lateMs / runs).toFixed(2)),
    mostLateMs: Math.round(mostLateMs),
  }),
}
