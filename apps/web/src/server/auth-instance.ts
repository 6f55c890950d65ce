import { createAuth, type Auth } from './auth.ts'
import { webCore, webEnv } from './web-core.ts'

declare global {
  var quarryAuth: Auth | undefined
}

/** The one better-auth of this process. */
export const auth = (): Auth => (globalThis.quarryAuth ??= createAuth(webCore(), webEnv()))
