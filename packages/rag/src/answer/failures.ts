import { APICallError, InvalidResponseDataError, JSONParseError, TypeValidationError } from '@ai-sdk/provider'
import { AppError } from '@quarry/contracts'
import type { RunFailure } from '@quarry/contracts'

/** Why an answer is missing or cut off: a sentence for a person, and what to do. Never the provider's own text. */
const RUN_FAILURES = {
  model_unauthorised: [
    'The model refused the API key.',
    'Ask the operator to check LLM_API_KEY and LLM_BASE_URL.',
    false,
  ],
  model_not_found: [
    'The model does not exist at this provider.',
    'Ask the operator to check LLM_MODEL and LLM_BASE_URL.',
    false,
  ],
  model_rate_limited: ['The model is busy: too many requests.', 'Wait a moment and ask again.', true],
  model_quota: [
    'The account at the model provider has no credit left.',
    'Ask the operator to top it up or change the provider.',
    false,
  ],
  context_too_long: [
    'The conversation is too long for the model.',
    'Start a new conversation, or ask something narrower.',
    false,
  ],
  content_filtered: ['The model stopped this answer by its content filter.', 'Ask in other words.', false],
  model_rejected: [
    'The model did not accept the request.',
    'Ask the operator to check that LLM_MODEL supports tools and streaming.',
    false,
  ],
  model_unavailable: ['The model did not answer.', 'Try again in a moment.', true],
  model_unreachable: [
    'The model cannot be reached.',
    'Try again; if it persists, ask the operator to check LLM_BASE_URL.',
    true,
  ],
  model_interrupted: [
    'The connection to the model broke in the middle of the answer.',
    'Ask again for the whole answer.',
    true,
  ],
  model_idle: ['The model went silent.', 'Ask again; if it persists, ask the operator to check the model.', true],
  time_budget: [
    'The answer took too long and was cut off.',
    'Ask something narrower, or ask the operator to raise RUN_MAX_SECONDS.',
    true,
  ],
  token_budget: [
    'The answer reached its length limit and was cut off.',
    'Ask for the rest, or ask the operator to raise RUN_MAX_TOKENS.',
    true,
  ],
  step_budget: [
    'The model searched too often without answering.',
    'Ask something narrower, or ask the operator to raise RUN_MAX_STEPS.',
    true,
  ],
  empty_answer: ['The model ended without an answer.', 'Ask again in other words.', true],
  unavailable: ['The service is busy or restarting.', 'Try again in a few seconds.', true],
  internal: ['Something went wrong on our side.', 'Try again; report it to the operator if it persists.', true],
} as const satisfies Record<string, readonly [message: string, action: string, retryable: boolean]>

export type RunFailureCode = keyof typeof RUN_FAILURES

/** `action` replaces the default when more is known, such as how long to wait. */
export function runFailure(code: RunFailureCode, action?: string): RunFailure {
  const [message, usual, retryable] = RUN_FAILURES[code]
  return { code, message, action: action ?? usual, retryable }
}

/** Maps what a provider call or a tool threw. An unknown error is `internal`; its text is for the log, not for people. */
export function failureOf(error: unknown): RunFailure {
  if (APICallError.isInstance(error)) return apiFailure(error)
  if (error instanceof AppError) return runFailure('unavailable')
  if (JSONParseError.isInstance(error) || TypeValidationError.isInstance(error)) return runFailure('model_interrupted')
  if (InvalidResponseDataError.isInstance(error)) return runFailure('model_interrupted')
  // undici: "terminated" when the body breaks off, "fetch failed" when there was no answer at all.
  if (error instanceof TypeError && error.message === 'terminated') return runFailure('model_interrupted')
  if (error instanceof TypeError && /fetch failed/.test(error.message)) return runFailure('model_unreachable')
  return runFailure('internal')
}

function apiFailure(error: APICallError): RunFailure {
  const text = `${error.message} ${error.responseBody ?? ''}`
  const status = error.statusCode
  if (
    /context.?length|context.?window|maximum context|too many tokens|prompt is too long/i.test(text) ||
    status === 413
  ) {
    return runFailure('context_too_long')
  }
  if (/insufficient.?quota|billing|payment required/i.test(text) || status === 402) return runFailure('model_quota')
  if (/content.?filter|content.?policy|safety system/i.test(text)) return runFailure('content_filtered')
  if (status === undefined) return runFailure(error.responseHeaders ? 'model_interrupted' : 'model_unreachable')
  if (status === 401 || status === 403) return runFailure('model_unauthorised')
  if (status === 404) return runFailure('model_not_found')
  if (status === 429) return runFailure('model_rate_limited', waitAction(error.responseHeaders?.['retry-after']))
  if (status >= 500 || status === 408) return runFailure('model_unavailable')
  // A success status on an error means that the body was not what it should be.
  return runFailure(status < 300 ? 'model_interrupted' : 'model_rejected')
}

/** What a refusal says of when to come back, in milliseconds; null where it says nothing of use. */
export function retryAfterMs(error: unknown): number | null {
  if (!APICallError.isInstance(error)) return null
  const seconds = secondsOf(error.responseHeaders?.['retry-after'])
  return seconds === null ? null : Math.ceil(seconds * 1000)
}

/** RFC 9110, 10.2.3: seconds or an HTTP date, by this machine's clock. */
function secondsOf(retryAfter: string | undefined): number | null {
  if (retryAfter === undefined) return null
  const seconds = /^[\d.]+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null
}

function waitAction(retryAfter: string | undefined): string | undefined {
  const seconds = secondsOf(retryAfter)
  if (seconds === null) return undefined
  const whole = Math.ceil(seconds)
  return `Wait ${whole} ${whole === 1 ? 'second' : 'seconds'} and ask again.`
}
