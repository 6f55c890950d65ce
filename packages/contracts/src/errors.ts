import { formatNames } from './media-types.ts'

/**
 * The one table of domain errors. `http` is the status that a client sees; `message` is the default sentence for a
 * person; `action` says what to do next. Another tenant's id and a random id must both end as `not_found`.
 */
export const ERRORS = {
  unauthenticated: { http: 401, message: 'You are not signed in.', action: 'Sign in, or send an API key.' },
  forbidden: {
    http: 403,
    message: 'Your role does not allow this.',
    action: 'Ask an owner or admin of your workspace.',
  },
  closed: {
    http: 403,
    message: 'This workspace is closed and will be deleted.',
    action: 'Its owners can open it again until then. Work in another workspace meanwhile.',
  },
  not_found: { http: 404, message: 'There is nothing here.', action: 'Check the address; it may have been deleted.' },
  invalid_input: {
    http: 400,
    message: 'The request is not valid.',
    action: 'Correct the fields named in the details.',
  },
  conflict: { http: 409, message: 'This has changed in the meantime.', action: 'Reload and try again.' },
  idempotency_mismatch: {
    http: 422,
    message: 'This key was used for another request.',
    action: 'Use a new idempotency key.',
  },
  too_large: {
    http: 413,
    message: 'The file is larger than the limit.',
    action: 'Split the file, or raise UPLOAD_MAX_BYTES.',
  },
  unsupported_type: {
    http: 415,
    message: 'This kind of file is not supported.',
    action: `Use one of: ${formatNames()}.`,
  },
  rate_limited: { http: 429, message: 'Too many requests.', action: 'Wait a moment and try again.' },
  model_unavailable: {
    http: 502,
    message: 'The model did not answer.',
    action: 'Try again; if it persists, check LLM_BASE_URL and LLM_API_KEY.',
  },
  unavailable: { http: 503, message: 'The service is busy or restarting.', action: 'Try again in a few seconds.' },
  internal: {
    http: 500,
    message: 'Something went wrong on our side.',
    action: 'Try again; quote the request id if it persists.',
  },
} as const

export type ErrorCode = keyof typeof ERRORS

/** What to wait before trying again where the error does not say: a moment of overload, a restart. */
const RETRY_AFTER_SECONDS: Partial<Record<ErrorCode, number>> = { rate_limited: 5, unavailable: 2 }

/** Whole seconds to wait before trying again (`Retry-After`, RFC 9110 10.2.3); null where waiting does not help. */
export const retryAfterSeconds = ({ code, details }: AppError): number | null => {
  const said = details?.['retryAfterSeconds']
  return typeof said === 'number' ? Math.ceil(said) : (RETRY_AFTER_SECONDS[code] ?? null)
}

const isAppError: unique symbol = Symbol.for('quarry.AppError')

/** An error with a code of the table; everything else that is thrown is a bug and reaches the caller as `internal`. */
export class AppError extends Error {
  /** A bundler may load this module twice in one process: an error of either copy is one of ours. */
  static override [Symbol.hasInstance](value: unknown): value is AppError {
    return typeof value === 'object' && value !== null && isAppError in value
  }
  readonly [isAppError] = true
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined
  /** What to do next: of the code, unless this very error knows better. */
  readonly action: string
  constructor(
    code: ErrorCode,
    options: { message?: string; action?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(options.message ?? ERRORS[code].message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.details = options.details
    this.action = options.action ?? ERRORS[code].action
  }
  get http(): number {
    return ERRORS[this.code].http
  }
}

/** What the API adds to every error it returns (`error.data.app` in tRPC, the body in plain routes). */
export interface AppErrorShape {
  readonly code: ErrorCode
  readonly message: string
  readonly action: string
  readonly requestId: string
  /** `retryAfterSeconds` for rate_limited and unavailable; `fields` for invalid_input. */
  readonly details?: Record<string, unknown>
}
