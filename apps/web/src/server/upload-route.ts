import { COSTS } from '@quarry/api'
import { AppError, versionId, type UploadStatus, type VersionId } from '@quarry/contracts'
import { appendUpload, getUpload } from '@quarry/core/web'
import { z } from 'zod'
import { chargedBody } from './charged-body.ts'
import { PRIVATE_HEADERS, respond } from './respond.ts'

const offsetParameter = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)

/** An id that is none is an id that is not there. */
const ticketOf = (text: string): VersionId => {
  const ticket = versionId.safeParse(text)
  if (!ticket.success) throw new AppError('not_found')
  return ticket.data
}

const headersOf = (status: UploadStatus): Record<string, string> => ({
  ...PRIVATE_HEADERS,
  'upload-offset': String(status.offset),
  'upload-length': String(status.sizeBytes),
})

/** How much of an upload is there, in headers: a HEAD has no body. */
export const headUpload = (request: Request, ticket: string): Promise<Response> =>
  respond(request, async (ctx) => {
    await ctx.limits.charge(ctx.actor, COSTS.look)
    const status = await getUpload(ctx, { ticket: ticketOf(ticket) })
    return new Response(null, { headers: headersOf(status) })
  })

/**
 * Appends the body at `?offset=`, as it comes, without holding it. 409 with `details.offset` when the stored size is
 * another one: the caller goes on from there.
 */
export const putUpload = (request: Request, ticket: string): Promise<Response> =>
  respond(request, async (ctx) => {
    const { body, settle } = await chargedBody(request, ctx.actor, ctx.limits)
    try {
      const offset = offsetParameter.safeParse(new URL(request.url).searchParams.get('offset') ?? '0')
      if (!offset.success) throw new AppError('invalid_input', { details: { fields: { offset: ['is not a number'] } } })
      const status = await appendUpload(ctx, { ticket: ticketOf(ticket), offset: offset.data, body })
      return Response.json(status, { headers: headersOf(status) })
    } finally {
      await settle()
    }
  })
