import { APICallError, RetryError } from 'ai'
import { AppError } from '@quarry/contracts'

/** What an operator reads in the log of a job that will be tried again. Never the provider's own text. */
const SENTENCES = {
  unauthorised: 'The embedding endpoint refused the key. Check EMBEDDING_API_KEY and EMBEDDING_BASE_URL.',
  notFound: 'The embedding endpoint does not know this model. Check EMBEDDING_MODEL and EMBEDDING_BASE_URL.',
  busy: 'The embedding endpoint is busy: too many requests.',
  rejected: 'The embedding endpoint did not accept the request. Check that EMBEDDING_MODEL makes embeddings.',
  failed: 'The embedding endpoint failed.',
  timeout: 'The embedding endpoint did not answer in time.',
  unreachable: 'The embedding endpoint cannot be reached. Check EMBEDDING_BASE_URL.',
  unreadable: 'The embedding endpoint did not answer with embeddings. Check EMBEDDING_BASE_URL.',
} as const

/** Maps what a call of the endpoint threw to `model_unavailable`, with a sentence that says what to do. */
export function endpointFailure(error: unknown, timedOut: boolean): AppError {
  return new AppError('model_unavailable', { message: SENTENCES[kindOf(error, timedOut)], cause: error })
}

function kindOf(error: unknown, timedOut: boolean): keyof typeof SENTENCES {
  const cause = RetryError.isInstance(error) ? error.lastError : error
  if (timedOut) return 'timeout'
  if (!APICallError.isInstance(cause)) return 'unreadable'
  const status = cause.statusCode
  if (status === undefined) return 'unreachable'
  if (status === 401 || status === 403) return 'unauthorised'
  if (status === 404) return 'notFound'
  if (status === 429) return 'busy'
  if (status >= 500 || status === 408) return 'failed'
  return status < 300 ? 'unreadable' : 'rejected'
}
