import { emitSignal, recordAudit } from '@quarry/db'
import type { Actor } from '@quarry/contracts'
import type { CoreDeps } from '../context.ts'

/** better-auth writes its own rows; this is the trace of them in the organisation's audit. */
export const recordSession = (
  { database }: Pick<CoreDeps, 'database'>,
  actor: Actor,
  action: 'session.create' | 'session.delete',
  requestId: string,
): Promise<void> =>
  database.tenant(actor).tx(async (tx) => {
    await recordAudit(tx, { actor, action, subjectKind: 'user', subjectId: actor.id ?? '', requestId })
    // What the session has open ends with it; the person's other sessions open theirs again.
    if (action === 'session.delete') await emitSignal(tx, 'access', actor.id ?? '')
  })
