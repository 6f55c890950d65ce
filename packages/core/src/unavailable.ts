import { AppError } from '@quarry/contracts'

/** Whether it was not refused for itself: the same may well succeed a little later. */
export const isUnavailable = (error: unknown): boolean => error instanceof AppError && error.code === 'unavailable'
