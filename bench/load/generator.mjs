// The people of the load test, in a process of their own: each does one thing after the other and thinks in between
// (closed loop). Told how many of them there are and asked what was measured, by the process that started it.
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { act, until } from './generator/actions.mjs'
import { openConnection } from './generator/connection.mjs'
import { preparePdfs } from './generator/files.mjs'
import { createRecords } from './generator/records.mjs'

const [scene] = await once(process, 'message')
const base = new URL(scene.url)
const records = createRecords()
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
let active = 0

await preparePdfs(scene.organisations.flatMap(({ questions }) => questions))

const userFor = ({ headers, isBrowser, address, organisation }) => ({
  connection: openConnection({ base, address, headers }),
  isBrowser,
  organisation: scene.organisations[organisation],
  turns: 0,
})

/** Exponential, as the time between things that happen by chance. */
const think = () => -Math.log(1 - Math.random()) * scene.thinkMs

const live = async (index) => {
  const user = userFor(scene.people[index % scene.people.length])
  // Not all of them at once: the first thought is a part of one.
  let due = performance.now() + Math.random() * scene.thinkMs
  for (;;) {
    await until(due)
    if (index >= active) break
    records.lag(performance.now() - due)
    const told = await act(user, records, scene.mix).catch((error) => {
      records.fault('generator', 'fault', error.stack)
      return 0
    })
    due = performance.now() + think() + told
  }
  user.connection.close()
  living.delete(index)
}
const living = new Set()

const TASKS = {
  /** From now on so many people are there. Who is not any more ends what is under way. */
  users: ({ count }) => {
    active = count
    for (let index = 0; index < count; index++) {
      if (living.has(index)) continue
      living.add(index)
      void live(index)
    }
    return { count }
  },
  /** What was measured since the last time. */
  take: () => {
    const cpu = process.cpuUsage()
    const loop = { p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 }
    delay.reset()
    return { ...records.take(), loop, cpuSeconds: (cpu.user + cpu.system) / 1e6, living: living.size }
  },
}

process.on('message', (task) => process.send(TASKS[task.what](task)))
process.once('disconnect', () => process.exit())
process.send('ready')
