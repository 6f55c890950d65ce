import { newId, schema, type SystemTx } from '@quarry/db'
import type { OperatorContext } from '../context.ts'

/** All that owners of the installation do to it as a whole, as the log of it names them. */
export type OperatorAction = 'queue.pause' | 'queue.resume' | 'cron.run'

/** Writes who did what to the installation: in the transaction that does it, where there is one. */
export const recordOperatorEvent = async (
  tx: SystemTx,
  { operator, requestId }: Pick<OperatorContext, 'operator' | 'requestId'>,
  action: OperatorAction,
  details: Record<string, unknown>,
): Promise<void> => {
  await tx
    .insert(schema.operatorEvent)
    .values({ id: newId(), userId: operator.userId, action, details: { ...details, requestId } })
}
