/** A parent in tests: its child is caught in an endless loop before it says the child's process id. */
import { ParserProcess } from '../parser-process.ts'

const folder = process.argv[2] ?? ''
const child = new ParserProcess(
  new URL('./hostile-child.ts', import.meta.url),
  { memoryMb: 512, timeoutMs: 600_000 },
  folder,
)
const never = new AbortController().signal
// The child answers the first file, so that it is up when it gets the second.
await child
  .read({ path: 'environment', mediaType: 'text/plain' }, never)
  .next()
  .catch(() => undefined)
child
  .read({ path: 'endless', mediaType: 'text/plain' }, never)
  .next()
  .catch(() => undefined)
process.send?.(child.pid)
