import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorCode, Health } from '@quarry/contracts'

/** What kind of answer a path has; metrics and limits tell them apart. */
export type RequestClass = 'api' | 'auth' | 'upload' | 'content' | 'health' | 'page' | 'static'

export interface StartedRequest {
  readonly requestId: string
  readonly method: string
  readonly requestClass: RequestClass
  /** The names in a path of the API as the caller wrote them, however many and whatever they are; null elsewhere. */
  readonly procedures: string | null
}

export interface EndedRequest extends StartedRequest {
  readonly status: number
  /** From the first line of the request to the last byte of the answer, or to its end. */
  readonly durationMs: number
  readonly bytesOut: number
  /** A stream of events: it lasts as long as its reader likes. */
  readonly isStream: boolean
  /** Who answered: the entry itself, what was kept, a compiled route handler, or Next. */
  readonly by: 'entry' | 'kept' | 'route' | 'next'
  /** The connection ended before the answer did. */
  readonly aborted: boolean
}

/** Called for every request of the process, in its order of events. May not throw, and waits for nothing. */
export interface RequestObserver {
  started?(request: StartedRequest): void
  ended?(request: EndedRequest): void
}

/** Why a request is refused before anybody looks at it. */
export interface Refusal {
  readonly code: ErrorCode
  readonly status?: number
  readonly message?: string
  readonly action?: string
  readonly retryAfterSeconds?: number
}

/** What the entry needs to know of the environment, which is read in one place only. */
export interface EntrySettings {
  readonly listen: { readonly host: string; readonly port: number }
  /** Whether people come by https: then browsers are told to stay with it. */
  readonly isHttps: boolean
  /** As `runningBuild` says. */
  readonly build: string
  readonly maxStreams: number
  /** Requests that wait in this process at most, before the next is told to come back. */
  readonly maxRequests: number
  /** How long a process that is told to stop still takes requests: until the balancer has seen that it is not ready. */
  readonly drainDelayMs: number
}

/**
 * What the server's own module graph, which Next has bundled, offers to the entry outside of it. Next's instrumentation
 * registers it before the first request; it stands on `globalThis`, where both find it.
 */
export interface EntryPort {
  readonly settings: EntrySettings
  /** Names a request and says whom it comes from, once: into its headers, where routes read it. Returns its id. */
  arrive(request: IncomingMessage, response: ServerResponse): string
  /**
   * Answers a read of the API from what is kept for exactly this caller, or says false and has done nothing: then the
   * canonical mount answers. `arrive` was called before.
   */
  answerRead(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** As the API tells of errors, with everything that such an answer carries. The connection closes after it. */
  refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void
  health(): Promise<Health>
  readonly observers: Set<RequestObserver>
  /** One line in the log. */
  log(level: 'info' | 'warn' | 'error' | 'fatal', fields: Record<string, unknown>, sentence: string): void
  /** From now on this process opens no stream; what is open goes on. Safe to call twice. */
  stopStreams(): void
  /** Tells the readers of streams to go elsewhere, and hands over the answers that are written here. Safe to call twice. */
  giveAway(): Promise<void>
  /** The same, and closes all connections to others. Safe to call twice. */
  close(): Promise<void>
}

declare global {
  // Next loads modules twice, and the entry is outside of both copies.
  var quarryEntry: EntryPort | undefined
  /** Set by the entry before it loads Next: it owns signals and the arrival of requests then. */
  var quarryEntryServes: boolean | undefined
}
