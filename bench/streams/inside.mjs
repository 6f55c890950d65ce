// Loaded into the web process that is measured, before its own code: on SIGUSR2 it says what it holds, as one line of
// JSON on its output. Listeners are those of living abort signals, which is what a stream that is gone may leave behind.
import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const known = new WeakSet()
let signals = []
const { value: addEventListener } = Object.getOwnPropertyDescriptor(EventTarget.prototype, 'addEventListener')
EventTarget.prototype.addEventListener = function (...args) {
  if (this instanceof AbortSignal && !known.has(this)) {
    known.add(this)
    signals.push(new WeakRef(this))
    if (signals.length % 10_000 === 0) signals = signals.filter((ref) => ref.deref() !== undefined)
  }
  return addEventListener.apply(this, args)
}

process.on('SIGUSR2', () => {
  collectGarbage()
  const alive = signals.map((ref) => ref.deref()).filter((signal) => signal !== undefined)
  const { heapUsed, rss } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo()
  console.log(
    `HOLDS ${JSON.stringify({
      heapMb: Number((heapUsed / 1e6).toFixed(1)),
      rssMb: Math.round(rss / 1e6),
      sockets: resources.filter((name) => name.startsWith('TCP')).length,
      timers: resources.filter((name) => name === 'Timeout' || name === 'Immediate').length,
      listeners: alive.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0),
    })}`,
  )
})
