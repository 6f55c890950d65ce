import type { TransferStep, TransferWatcher } from '@quarry/core/transfer'

/** A progress line more often than this only flickers. */
const INTERVAL_MS = 100
/** Where it is no terminal, a line this often says that it goes on. */
const QUIET_INTERVAL_MS = 10_000

const VERBS: Readonly<Record<TransferStep['what'], string>> = {
  checking: 'Checking',
  rows: 'Copying rows',
  files: 'Copying files',
  comparing: 'Comparing',
}

/** Tells a person how far it is, on standard error. */
export const watchOnScreen = (output: NodeJS.WriteStream): TransferWatcher & { clear(): void } => {
  let last = performance.now()
  let shown = false
  const clear = () => {
    if (shown) output.write('\r\u001B[K')
    shown = false
  }
  return {
    clear,
    note: (line) => {
      clear()
      output.write(`${line}\n`)
    },
    step: ({ what, at, done, total }) => {
      const now = performance.now()
      if (now - last < (output.isTTY ? INTERVAL_MS : QUIET_INTERVAL_MS)) return
      last = now
      const line = `${VERBS[what]}: ${total === null ? done : `${done} of ${total}`}, ${at}`
      if (output.isTTY) output.write(`\r\u001B[K${line.slice(0, (output.columns || 100) - 1)}`)
      else output.write(`${line}\n`)
      shown = output.isTTY
    },
  }
}
