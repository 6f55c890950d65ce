import { AppError, ERRORS, retryAfterSeconds, type AppErrorShape, type ErrorCode } from '@quarry/contracts'
import type { Logger } from '@quarry/observability'
import { TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server'
import { z } from 'zod'

/** The tRPC code whose HTTP status is the one in ERRORS. */
const TRPC_CODES = {
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  closed: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  invalid_input: 'BAD_REQUEST',
  conflict: 'CONFLICT',
  idempotency_mismatch: 'UNPROCESSABLE_CONTENT',
  too_large: 'PAYLOAD_TOO_LARGE',
  unsupported_type: 'UNSUPPORTED_MEDIA_TYPE',
  rate_limited: 'TOO_MANY_REQUESTS',
  model_unavailable: 'BAD_GATEWAY',
  unavailable: 'SERVICE_UNAVAILABLE',
  internal: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<ErrorCode, TRPC_ERROR_CODE_KEY>

/** What tRPC itself finds wrong with a request, before a procedure is reached. All else of its own is a bug of ours. */
const OWN_CODES: Partial<Record<TRPC_ERROR_CODE_KEY, ErrorCode>> = {
  PARSE_ERROR: 'invalid_input',
  BAD_REQUEST: 'invalid_input',
  METHOD_NOT_SUPPORTED: 'invalid_input',
  UNSUPPORTED_MEDIA_TYPE: 'invalid_input',
  NOT_FOUND: 'not_found',
  PAYLOAD_TOO_LARGE: 'too_large',
}

/** Libraries wrap what a callback of ours throws, two of them around each other at most. */
const MOST_WRAPPERS = 5

/** The domain error behind anything that was thrown; `internal` for what nobody foresaw. */
export const toAppError = (thrown: unknown): AppError => {
  let inside = thrown
  for (let i = 0; i < MOST_WRAPPERS && inside instanceof Error; i++, inside = inside.cause) {
    if (inside instanceof AppError) return inside
    if (inside instanceof z.ZodError && thrown instanceof TRPCError && thrown.code === 'BAD_REQUEST')
      return new AppError('invalid_input', { details: { fields: fieldsOf(inside) }, cause: inside })
  }
  const own = thrown instanceof TRPCError ? OWN_CODES[thrown.code] : undefined
  return new AppError(own ?? 'internal', { cause: thrown })
}

/** The error that a caller of `path` gets for what was thrown; what nobody foresaw is logged. */
export const toTrpcError = (thrown: unknown, call: { logger: Logger; path: string; requestId: string }): TRPCError => {
  const error = toAppError(thrown)
  const { logger, path, requestId } = call
  if (error.code === 'internal') logger.error({ err: error.cause, path, requestId }, 'a call failed')
  return new TRPCError({ code: TRPC_CODES[error.code], message: error.message, cause: error })
}

/** What a caller may know: never the cause, a stack or a query. */
export const errorShape = (error: AppError, requestId: string): AppErrorShape => ({
  code: error.code,
  message: error.code === 'internal' ? ERRORS.internal.message : error.message,
  action: error.action,
  requestId,
  ...detailsOf(error),
})

const detailsOf = (error: AppError): { details?: Record<string, unknown> } => {
  if (error.code === 'internal') return {}
  const seconds = retryAfterSeconds(error)
  if (seconds === null) return error.details ? { details: error.details } : {}
  return { details: { ...error.details, retryAfterSeconds: seconds } }
}

/** Field path → what is wrong with it. Values are left out. */
const fieldsOf = (error: z.ZodError): Record<string, string[]> => {
  const fields: Record<string, string[]> = {}
  for (const issue of error.issues) (fields[issue.path.join('.')] ??= []).push(issue.message)
  return fields
}
