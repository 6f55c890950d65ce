import type { AppRouter } from '@quarry/api'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import type { TRPCClient } from '@trpc/client'
import { EventSource } from 'eventsource'
import type { CliEnv } from '../env.ts'
import type { Credentials } from './credentials.ts'
import { findCredentials } from './credentials.ts'
import { limitLink } from './limit-link.ts'
import { createPatience } from './patience.ts'
import type { Patience } from './patience.ts'
import { patientFetch } from './patient-fetch.ts'

export type ApiClient = TRPCClient<AppRouter>

/** One server, reached with one key. */
export interface Connection {
  readonly api: ApiClient
  readonly credentials: Credentials
  /** Stops everything under way on this connection. */
  readonly signal: AbortSignal
  /** Waits where the server takes no more for now. */
  readonly patience: Patience
  /** Plain request below the server's origin, with the key. `path` starts with a slash. */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>
}

/** The server refuses larger batches, so that one request cannot carry a thousand calls. */
export const MAX_BATCH = 10
/** Longer than any call takes that is not a stream; deleting a collection of thousands is the slowest. */
const CALL_TIMEOUT_MS = 120_000
/** Proxies commonly refuse addresses over 8 kB. */
const MAX_URL_LENGTH = 6000

/**
 * Connects lazily: the first call is what reaches the server. `note` gets a line when the command waits for the server.
 * Throws CommandFailure when there are no credentials.
 */
export const connect = async (
  env: CliEnv,
  signal: AbortSignal,
  note: (line: string) => void = () => undefined,
): Promise<Connection> => {
  const patience = createPatience(signal, note)
  const credentials = await findCredentials(env)
  const authorization = `Bearer ${credentials.apiKey}`
  const url = `${credentials.url}/api/trpc`

  const api = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: {
            fetch: (input, init) =>
              patientFetch(patience, input, { ...init, headers: { ...init.headers, authorization } }),
          },
        }),
        false: [
          limitLink(patience),
          httpBatchLink({
            url,
            headers: { authorization },
            maxItems: MAX_BATCH,
            maxURLLength: MAX_URL_LENGTH,
            fetch: (input, init) =>
              fetch(input, {
                ...(init as RequestInit),
                signal: AbortSignal.any([
                  AbortSignal.timeout(CALL_TIMEOUT_MS),
                  signal,
                  ...(init?.signal ? [init.signal] : []),
                ]),
              }),
          }),
        ],
      }),
    ],
  })
  return {
    api,
    credentials,
    signal,
    patience,
    request: (path, init = {}) => {
      const headers = new Headers(init.headers)
      headers.set('authorization', authorization)
      return fetch(`${credentials.url}${path}`, { ...init, headers, signal: init.signal ?? signal })
    },
  }
}
