import { auditEvent, listAuditInput, pageOf } from '@quarry/contracts'
import { listAudit } from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const auditRouter = router({
  list: procedure('audit.read')
    .meta({ statements: 8 })
    .input(listAuditInput)
    .output(pageOf(auditEvent))
    .query(({ ctx, input }) => listAudit(ctx.verb, input)),
})
