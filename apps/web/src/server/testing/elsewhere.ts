import type { WebCore } from '@quarry/core/web'
import type { WebProcess } from './web-process.ts'

/** Runs `work` as another process would: what a process holds is looked up in `globalThis`. */
export const elsewhereOf =
  (web: WebProcess, second: WebCore) =>
  async <T>(work: () => Promise<T>): Promise<T> => {
    const { quarryWeb, quarryAuth, quarryNobodies } = globalThis
    globalThis.quarryWeb = { env: web.env, core: second }
    globalThis.quarryAuth = undefined
    globalThis.quarryNobodies = undefined
    try {
      return await work()
    } finally {
      Object.assign(globalThis, { quarryWeb, quarryAuth, quarryNobodies })
    }
  }
