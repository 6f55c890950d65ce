import { getContent } from '../../../../../../server/content-route.ts'

interface Context {
  readonly params: Promise<{ versionId: string }>
}

const handle = async (request: Request, { params }: Context) => getContent(request, (await params).versionId)

export const dynamic = 'force-dynamic'
export { handle as GET, handle as HEAD }
