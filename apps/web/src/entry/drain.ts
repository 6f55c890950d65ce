import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { EntryPort } from '../server/entry-port.ts'

/**
 * From the signal to the end at the latest: under the 30 s that orchestrators give (Kubernetes' default), with the rest
 * for the exit itself.
 */
const DEADLINE_MS = 25_000
/** What was sent to a reader of a stream, that it should come back elsewhere, is on its way by then. */
const LAST_WORDS_MS = 200
/** How often it is looked at whether all requests have been answered. */
const LOOK_MS = 20
/** npm hands a Ctrl-C on to whoever has it from the terminal, too: only a later signal is a second one. */
const SAME_PRESS_MS = 800

/** The requests that are being answered, by whether that ends by itself. */
export interface OpenRequests {
  readonly answers: ReadonlySet<ServerResponse>
  readonly streams: ReadonlySet<ServerResponse>
}

/** The part of an http.Server that leaving needs. */
export interface ListeningServer {
  close(): unknown
  closeIdleConnections(): void
}

export interface Drain {
  /** Whether this process was told to stop. */
  readonly isDraining: () => boolean
  /** Stops in order; resolves when nothing is left, or when the deadline has passed. Safe to call twice. */
  stop(): Promise<{ readonly inTime: boolean }>
}

/**
 * How a replica leaves: it is not ready any more and takes no stream; after `drainDelayMs`, when the balancer sends nothing
 * any more, it listens no more, gives away its answers, tells the readers of streams to come back elsewhere, and waits
 * for the requests that it has; then its connections to others close.
 */
export const createDrain = (
  server: ListeningServer,
  port: EntryPort,
  open: OpenRequests,
  deadlineMs = DEADLINE_MS,
): Drain => {
  let isDraining = false
  let stopping: Promise<{ inTime: boolean }> | undefined

  const leave = async (): Promise<void> => {
    port.stopStreams()
    await pause(port.settings.drainDelayMs)
    server.close()
    server.closeIdleConnections()
    await port.giveAway()
    for (const stream of open.streams) endStream(stream)
    while (open.answers.size + open.streams.size > 0) {
      await pause(LOOK_MS)
      server.closeIdleConnections()
    }
    await port.close()
  }
  const stop = async (): Promise<{ inTime: boolean }> => {
    isDraining = true
    const startedAt = performance.now()
    port.log('info', { answers: open.answers.size, streams: open.streams.size }, 'the web server stops')
    const late = AbortSignal.timeout(deadlineMs)
    const inTime = await Promise.race([
      leave().then(() => true),
      new Promise<false>((resolve) => late.addEventListener('abort', () => resolve(false), { once: true })),
    ])
    const tookMs = Math.round(performance.now() - startedAt)
    const left = { answers: open.answers.size, streams: open.streams.size, tookMs }
    if (inTime) port.log('info', left, 'the web server has stopped')
    else port.log('error', left, 'the web server did not stop in time: what was left is cut off')
    return { inTime }
  }
  return { isDraining: () => isDraining, stop: () => (stopping ??= stop()) }
}

/** After its last event has gone out: a complete answer, so that a balancer in between sees nothing broken. */
const endStream = (stream: ServerResponse): void => {
  setTimeout(() => {
    if (!stream.writableEnded) stream.end()
  }, LAST_WORDS_MS)
}

/** Stops at the first signal; a second one ends the process at once, with what is under way. */
export const stopOnSignals = (drain: Drain, exit: (code: number) => void = (code) => process.exit(code)): void => {
  let firstAt: number | undefined
  const begin = () => {
    firstAt ??= performance.now()
    void drain.stop().then(({ inTime }) => exit(inTime ? 0 : 1))
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (firstAt === undefined) begin()
      else if (performance.now() - firstAt > SAME_PRESS_MS) exit(1)
    })
  // The parent is gone without a word (kill -9): nobody would ever stop us.
  process.on('disconnect', begin)
}
