import { handleAuth } from '../../../../server/auth-mount.ts'

export const dynamic = 'force-dynamic'
export { handleAuth as GET, handleAuth as POST }
