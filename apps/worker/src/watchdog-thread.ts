import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import type { WatchdogData } from './watchdog.ts'

const { beats, lookMs, stuckMs }: WatchdogData = workerData
const STDERR = 2

let seen = Atomics.load(beats, 0)
/** Looks are counted, and not the time: of a process that was stopped or a machine that slept both threads slept. */
let looks = 0
setInterval(() => {
  const now = Atomics.load(beats, 0)
  looks = now === seen ? looks + 1 : 0
  seen = now
  if (looks * lookMs < stuckMs) return
  // The logger's thread is the one that hangs.
  const said = { level: 'fatal', time: new Date().toISOString(), pid: process.pid, name: 'worker', stuckMs }
  writeSync(STDERR, `${JSON.stringify({ ...said, msg: 'the worker hangs, and is ended: others do its jobs' })}\n`)
  process.kill(process.pid, 'SIGKILL')
}, lookMs)
