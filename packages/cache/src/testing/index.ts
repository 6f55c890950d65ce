export * from './test-redis.ts'
export * from './slow-proxy.ts'
