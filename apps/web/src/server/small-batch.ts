import { AppError } from '@quarry/contracts'

/** Calls in one request; the clients send no more. A screen makes six at once. */
export const MAX_BATCH = 10

/**
 * Throws AppError('invalid_input') for more calls than a request may carry: before anybody is looked up, anything is
 * read or anything runs. Counted in the path, whatever else the request says of itself: a thousand commas name a
 * thousand calls, and empty names are names.
 */
export const requireSmallBatch = (request: Request): void => {
  const calls = new URL(request.url).pathname.split(/,|%2c/i).length
  if (calls > MAX_BATCH)
    throw new AppError('invalid_input', {
      message: `A request carries ${MAX_BATCH} calls at most.`,
      action: 'Send them in several requests.',
    })
}
