/**
 * The process that looks into files: started by the pool with an empty environment, no rights but to read files, and a
 * parent that kills it when it takes too much memory or time. It knows no database and no provider.
 */
import { endWithParent } from './end-with-parent.ts'
import { Recogniser } from './ocr/recogniser.ts'
import { ParseFailure, type ReadStep } from './parsed-page.ts'
import type { FromChild, ToChild } from './protocol.ts'
import { warmReaders, readPages } from './read-file.ts'

let steps: AsyncGenerator<ReadStep> | null = null
/** Set while the reader waits for leave to recognise a page. */
let goOn: (() => void) | null = null

const send = (message: FromChild) => process.send?.(message)

async function next(): Promise<void> {
  try {
    const step = await steps?.next()
    if (step === undefined || step.done === true) {
      steps = null
      send({ type: 'end' })
    } else send({ type: 'page', step: step.value })
  } catch (error) {
    steps = null
    send({
      type: 'failure',
      code: codeOf(error),
      detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
}

function codeOf(error: unknown) {
  if (error instanceof ParseFailure) return error.code
  if (error instanceof RangeError && /allocation failed|string length/iu.test(error.message)) return 'too_much_memory'
  return 'crashed'
}

async function* read({ file, ocr }: Extract<ToChild, { readonly type: 'read' }>): AsyncGenerator<ReadStep> {
  const recogniser = new Recogniser(ocr, (at) => {
    const allowed = new Promise<void>((resolve) => (goOn = resolve))
    send({ type: 'recognising', ...at })
    return allowed
  })
  try {
    yield* readPages(file, recogniser)
  } finally {
    await recogniser.close()
  }
}

process.on('message', (message: ToChild) => {
  if (message.type === 'warm') {
    // What cannot be loaded is told to whoever brings a file of that kind.
    void warmReaders(message.mediaTypes)
      .catch(() => undefined)
      .then(() => send({ type: 'warm' }))
    return
  }
  if (message.type === 'read') steps = read(message)
  else if (goOn !== null) {
    goOn()
    goOn = null
    return
  }
  void next()
})
process.on('disconnect', () => process.exit(0))
endWithParent()
// Ctrl-C reaches the whole process group; only the parent decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
