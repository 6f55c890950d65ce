import { AppError } from '@quarry/contracts'
import { noLongerIn, readStanding } from '../accounts/standing.ts'
import type { VerbContext } from '../context.ts'

/**
 * A stream that ends when what its reader may see changes: with AppError('unauthenticated') for who does not belong to
 * the organisation any more, else with AppError('unavailable'), after which readers come back and are authorised anew.
 * Looks once when it begins, too: the actor may have been looked up a moment before the change.
 */
export async function* whileAllowed<E>(
  ctx: VerbContext,
  gone: AbortSignal,
  open: (signal: AbortSignal) => AsyncIterable<E>,
): AsyncGenerator<E, void, undefined> {
  const { actor, deps } = ctx
  const over = new AbortController()
  const look = async (changed: boolean): Promise<void> => {
    const standing = await readStanding(deps.database.auth, actor)
    if (standing === null) over.abort(noLongerIn())
    else if (changed || standing !== actor.role)
      over.abort(new AppError('unavailable', { message: 'What you may see has changed.', action: 'Open this again.' }))
  }
  const unsubscribe = deps.signals.subscribe(actor.orgId, ({ topic, subjectId }) => {
    // A reader of whom nothing is known is not told anything more.
    if (topic === 'access' && subjectId === actor.id) look(true).catch((error: unknown) => over.abort(error))
  })
  try {
    await look(false)
    const stop = AbortSignal.any([gone, over.signal])
    if (!stop.aborted)
      for await (const event of open(stop)) {
        if (over.signal.aborted) break
        yield event
      }
    if (!gone.aborted) over.signal.throwIfAborted()
  } finally {
    unsubscribe()
  }
}
