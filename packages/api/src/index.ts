export { appRouter, createCaller, type AppRouter } from './router.ts'
export type { ApiContext } from './context.ts'
export { errorShape, toAppError } from './errors.ts'
export type { ApiMeta } from './trpc.ts'
