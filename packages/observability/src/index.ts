export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export { redactText } from './redaction.ts'
export { requestContext, withRequestContext, type RequestContext } from './request-context.ts'
