import { headUpload, putUpload } from '../../../../server/upload-route.ts'

interface Context {
  readonly params: Promise<{ ticket: string }>
}

export const dynamic = 'force-dynamic'
export const HEAD = async (request: Request, { params }: Context) => headUpload(request, (await params).ticket)
export const PUT = async (request: Request, { params }: Context) => putUpload(request, (await params).ticket)
