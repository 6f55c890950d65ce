import type { WriteStream } from 'node:tty'
import { printable } from '@quarry/contracts'

/** Where a command writes: results on stdout, everything about the work on stderr. */
export interface Terminal {
  /** Result text, exactly as given. */
  readonly out: (text: string) => void
  /** One line for the person, on stderr. */
  readonly note: (line: string) => void
  /** A line on stderr that the next one replaces; nothing when stderr is not a terminal. */
  readonly progress: (line: string) => void
  /** Takes the progress line away. */
  readonly clearProgress: () => void
  readonly style: Style
}

/** Wraps text in an SGR code, or leaves it alone where colour is not wanted. */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
}

const sgr =
  (enabled: boolean, on: number, off: number) =>
  (text: string): string =>
    enabled ? `\u001B[${on}m${text}\u001B[${off}m` : text

export const makeStyle = (enabled: boolean): Style => ({
  bold: sgr(enabled, 1, 22),
  dim: sgr(enabled, 2, 22),
  red: sgr(enabled, 31, 39),
  green: sgr(enabled, 32, 39),
  yellow: sgr(enabled, 33, 39),
})

/** A progress line more often than this only flickers. */
const PROGRESS_INTERVAL_MS = 100
const DEFAULT_WIDTH = 100

type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number }

/** A terminal that does not know its width says 0. */
const widthOf = (output: Output): number => output.columns || DEFAULT_WIDTH

export const makeTerminal = (stdout: Output, stderr: Output, options: { colour: boolean }): Terminal => {
  const outIsTty = stdout.isTTY === true
  const errIsTty = stderr.isTTY === true
  let progressShown = false
  let lastProgressAt = 0

  const clearProgress = (): void => {
    if (!progressShown) return
    stderr.write('\r\u001B[K')
    progressShown = false
  }
  return {
    style: makeStyle(options.colour && outIsTty),
    out(text) {
      // Both streams are usually the same screen: a result must not land behind the progress line.
      clearProgress()
      stdout.write(text)
    },
    note(line) {
      clearProgress()
      stderr.write(`${printable(line)}\n`)
    },
    progress(line) {
      const now = performance.now()
      if (!errIsTty || now - lastProgressAt < PROGRESS_INTERVAL_MS) return
      lastProgressAt = now
      progressShown = true
      stderr.write(`\r\u001B[K${printable(line).slice(0, widthOf(stderr) - 1)}`)
    },
    clearProgress,
  }
}
