import { AppError, can, type Permission } from '@quarry/contracts'
import type { VerbContext } from '../context.ts'

/** The first line of every verb. Throws AppError('forbidden') when the actor's role lacks `permission`. */
export const authorise = (ctx: VerbContext, permission: Permission): void => {
  if (!can(ctx.actor.role, permission)) throw new AppError('forbidden')
}
