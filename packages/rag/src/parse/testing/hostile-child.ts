/** Stands in for the parser's child in tests. The name of the file says what it does wrong; it never answers, but for `greedy`, which ends as if all were well when nobody stops it. */
import { endWithParent } from '../end-with-parent.ts'
import type { ToChild } from '../protocol.ts'

const BUFFER_BYTES = 8 * 1024 * 1024
/** 1 GiB: far above the caps of the tests, and far below what would hurt the machine when a cap is missing. */
const GREEDY_BUFFERS = 128
const held: Buffer[] = []

let announces = false

process.on('message', (message: ToChild) => {
  if (message.type === 'warm') return void process.send?.({ type: 'warm' })
  if (message.type !== 'read') {
    if (announces) process.send?.({ type: 'recognising', ordinal: 1, pageCount: 1 })
    return
  }
  switch (message.file.path) {
    case 'greedy':
      // Buffers lie outside V8's heap: no limit of Node holds them, only the parent that looks at this process.
      setInterval(() => {
        if (held.length < GREEDY_BUFFERS) held.push(Buffer.alloc(BUFFER_BYTES, held.length + 1))
        else process.send?.({ type: 'end' })
      }, 10)
      break
    case 'endless':
      for (;;) held.length = 0
    // eslint-disable-next-line no-fallthrough -- unreachable
    case 'announcing':
    case 'recognising':
      // Once, or as often as it is asked.
      announces = message.file.path === 'announcing'
      process.send?.({ type: 'recognising', ordinal: 1, pageCount: 1 })
      break
    case 'crash':
      process.abort()
    // eslint-disable-next-line no-fallthrough -- unreachable
    case 'environment':
      process.send?.({
        type: 'failure',
        code: 'damaged',
        detail: JSON.stringify({ env: process.env, cwd: process.cwd(), pid: process.pid, seconds: process.uptime() }),
      })
      break
    default:
  }
})
process.on('disconnect', () => process.exit(0))
endWithParent()
