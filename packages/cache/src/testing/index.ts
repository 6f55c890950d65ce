export * from './test-redis.ts'
export * from './slow-proxy.ts'
export * from './version-store.ts'
export * from './cached-process.ts'
