import { AppError } from '@quarry/contracts'

/** Throws AppError('conflict') where a workspace has as many of `things` as one may have. */
export const requireRoom = (
  has: number,
  most: number,
  { things, action }: { readonly things: string; readonly action: string },
): void => {
  if (has < most) return
  throw new AppError('conflict', {
    message: `A workspace has at most ${most.toLocaleString('en')} ${things}, and this one has.`,
    action,
  })
}
