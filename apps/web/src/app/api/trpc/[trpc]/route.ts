import { handleTrpc } from '../../../../server/trpc-mount.ts'

export const dynamic = 'force-dynamic'
export { handleTrpc as GET, handleTrpc as POST }
