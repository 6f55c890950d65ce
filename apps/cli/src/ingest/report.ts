import type { DocumentItem, ingestJson } from '@quarry/contracts'
import { printable } from '@quarry/contracts'
import type { z } from 'zod'
import type { Terminal } from '../terminal/terminal.ts'
import type { Sent } from './send.ts'

type FileResult = z.infer<typeof ingestJson>['files'][number]
/** `undelivered`: its bytes never arrived, so that the command has to be run again. */
type Ending = FileResult & { readonly undelivered?: true }

/** How a file ended when nobody waits for the server's work on it. */
export const resultOf = (sent: Sent): Ending => {
  if ('document' in sent) return { path: sent.path, status: sent.status, reason: null }
  if (sent.status === 'undelivered')
    return { path: sent.path, status: 'failed', reason: sent.reason, undelivered: true }
  return { path: sent.path, status: sent.status, reason: sent.reason }
}

/** Collects how each file ended, and shows it as it happens. */
export class IngestReport {
  readonly #terminal: Terminal
  readonly #total: number
  readonly #speaks: boolean
  readonly #byPath = new Map<string, FileResult>()
  readonly #start = performance.now()
  #storedBytes = 0
  undelivered = 0

  constructor(terminal: Terminal, total: number, speaks: boolean) {
    this.#terminal = terminal
    this.#total = total
    this.#speaks = speaks
  }

  ended({ undelivered, ...result }: Ending): void {
    if (undelivered === true) this.undelivered += 1
    this.#byPath.set(result.path, result)
    if (this.#speaks) {
      const { style } = this.#terminal
      const paint = {
        searchable: style.green,
        unchanged: style.dim,
        accepted: style.green,
        failed: style.red,
        refused: style.yellow,
      }
      const status = paint[result.status](result.status.padEnd(10))
      const reason = result.reason === null ? '' : `: ${printable(result.reason)}`
      this.#terminal.out(`${status}  ${printable(result.path)}${reason}\n`)
    }
    this.#showProgress('')
  }

  stored(bytes: number): void {
    this.#storedBytes += bytes
    this.#showProgress(`${(this.#storedBytes / 1e6).toFixed(1)} MB sent`)
  }

  looked(seen: readonly DocumentItem[]): void {
    const working = seen.find(({ latest }) => latest.stage !== null && latest.state === 'parsing')
    const embedding = seen.find(({ latest }) => latest.state === 'searchable' && (latest.semantic ?? 100) < 100)
    if (working !== undefined) {
      this.#showProgress(`${working.path}: ${working.latest.stage ?? ''}, ${working.latest.progress} %`)
    } else if (embedding !== undefined) {
      this.#showProgress(`${embedding.path}: semantic index, ${embedding.latest.semantic ?? 0} %`)
    }
  }

  #showProgress(detail: string): void {
    this.#terminal.progress(`${this.#byPath.size} of ${this.#total} files${detail === '' ? '' : ` · ${detail}`}`)
  }

  /** In the order in which the files were found; those that were left out come last. */
  results(order: readonly string[]): FileResult[] {
    const rest = new Map(this.#byPath)
    const ordered: FileResult[] = []
    for (const path of order) {
      const result = rest.get(path)
      if (result !== undefined) ordered.push(result)
      rest.delete(path)
    }
    return [...ordered, ...rest.values()]
  }

  summary(waited: boolean): string {
    const counts = new Map<string, number>()
    for (const { status } of this.#byPath.values()) counts.set(status, (counts.get(status) ?? 0) + 1)
    const words = [...counts].map(([status, count]) => `${count} ${status}`).join(', ')
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1)
    const follow = !waited && counts.has('accepted') ? ' Follow them with: quarry documents' : ''
    return `${words} in ${seconds} s.${follow}`
  }
}
