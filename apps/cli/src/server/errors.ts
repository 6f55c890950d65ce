import { ERRORS } from '@quarry/contracts'
import { TRPCClientError } from '@trpc/client'
import { z } from 'zod'
import { CommandFailure, oneLine } from '../failure.ts'

const appError = z.object({
  code: z.enum(Object.keys(ERRORS) as [keyof typeof ERRORS, ...(keyof typeof ERRORS)[]]),
  message: z.string(),
  action: z.string(),
  requestId: z.string(),
  details: z.object({ retryAfterSeconds: z.number().optional(), switchedOff: z.string().optional() }).optional(),
})
/** A domain error as far as the command reads it. */
export type ServerError = z.infer<typeof appError>
/** The API puts the domain error under `data.app` of tRPC's own shape. */
const trpcData = z.object({ app: appError })

/** The domain error inside what a call threw, or null when the server did not answer with one. */
export const appErrorOf = (error: unknown): ServerError | null => {
  if (!(error instanceof TRPCClientError)) return null
  const parsed = trpcData.safeParse(error.data)
  return parsed.success ? parsed.data.app : null
}

/** The domain error in the body of a call's answer that was read past the client, or null. */
export const trpcErrorIn = (body: unknown): ServerError | null => {
  const parsed = z.object({ error: z.object({ data: trpcData }) }).safeParse(body)
  return parsed.success ? parsed.data.error.data.app : null
}

/** The domain error in the body of a plain route's answer, or null. */
export const appErrorIn = (body: unknown): ServerError | null => {
  const parsed = appError.safeParse(body)
  return parsed.success ? parsed.data : null
}

/** The system's error code (ECONNREFUSED …) behind a failed fetch, however deeply it is wrapped, or null. */
export const networkCodeOf = (error: unknown): string | null => {
  for (let current = error, depth = 0; current instanceof Error && depth < 6; current = current.cause, depth += 1) {
    if ('code' in current && typeof current.code === 'string' && /^(?:E[A-Z]+|UND_ERR_\w+)$/u.test(current.code)) {
      return current.code
    }
    if (current instanceof AggregateError && current.errors.length > 0) return networkCodeOf(current.errors[0])
  }
  return null
}

/** What the operator has switched off stays so until somebody switches it on. */
export const maySoonPass = ({ code, details }: ServerError): boolean =>
  code === 'rate_limited' || (code === 'unavailable' && details?.switchedOff === undefined)

/** A server that does not say how long. */
const DEFAULT_WAIT_SECONDS = 2

/** How long the server wants to be left alone, ms. */
export const retryAfterMs = ({ details }: ServerError): number =>
  (details?.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS) * 1000

/** Whether the same call may well succeed in a moment: the server is restarting, or the network dropped. */
export const isTransient = (error: unknown): boolean => {
  const app = appErrorOf(error)
  if (app !== null) return maySoonPass(app)
  if (networkCodeOf(error) !== null) return true
  return isTimeout(error) || (error instanceof Error && /fetch failed|terminated/u.test(error.message))
}

/** Whether a deadline of ours (AbortSignal.timeout) is behind it, however deeply it is wrapped. */
const isTimeout = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || isTimeout(error.cause))

/** Turns whatever a call threw into the one line that the person reads. */
export const explainFailure = (error: unknown, url: string): CommandFailure => {
  if (error instanceof CommandFailure) return error
  const app = appErrorOf(error)
  if (app?.code === 'unauthenticated') {
    return new CommandFailure(`${url} refused the API key. Set QUARRY_API_KEY to a key of this server.`, {
      cause: error,
    })
  }
  if (app !== null) {
    const request = app.code === 'internal' ? ` (request ${app.requestId})` : ''
    return new CommandFailure(oneLine(`${app.message} ${app.action}${request}`), { cause: error })
  }
  const network = networkCodeOf(error)
  if (network === 'ECONNREFUSED') {
    return new CommandFailure(`Quarry is not running at ${url}. Start it with: npm start`, { cause: error })
  }
  if (network !== null) return new CommandFailure(`${url} cannot be reached (${network}).`, { cause: error })
  if (isTimeout(error)) {
    return new CommandFailure(`${url} did not answer in time. Try again in a moment.`, { cause: error })
  }
  if (error instanceof TRPCClientError) {
    return new CommandFailure(`${url} did not answer as Quarry does: ${oneLine(error.message)}`, { cause: error })
  }
  return new CommandFailure(oneLine(error instanceof Error ? error.message : String(error)), { cause: error })
}
