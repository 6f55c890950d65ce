import pino from 'pino'
import { prettyLine } from './pretty-line.ts'
import { redact, redactText } from './redaction.ts'
import { report } from './reports.ts'
import { requestIds } from './request-context.ts'

/** pino's number for it. */
const ERROR = 50

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** The part of pino's logger that the product uses: `logger.info({ fields }, 'sentence')`. */
export type Logger = pino.Logger

export interface LoggerOptions {
  /** Which process or part speaks: `web`, `worker`, `pglite`. */
  name: string
  /** Least level written. */
  level?: LogLevel
  /** One readable line for people instead of JSON. */
  pretty?: boolean
  /** Where lines go; standard error when left out, because a command's standard output belongs to its result. */
  destination?: { write(line: string): void }
}

/**
 * A logger that writes one JSON object a line, with the request context of the moment, without secrets and without
 * the text of documents, questions or answers (see redaction.ts). Writing is synchronous: the last line before a
 * crash is the one that is needed.
 */
export const createLogger = ({ name, level = 'info', pretty = false, destination }: LoggerOptions): Logger => {
  const sink = destination ?? pino.destination({ fd: 2, sync: true })
  return pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      base: { pid: process.pid },
      mixin: () => ({ ...requestIds() }),
      formatters: { level: (label) => ({ level: label }), log: redact },
      hooks: {
        logMethod(args, method, level) {
          const [first, sentence, ...values] = args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg))
          const fields = first instanceof Error ? { err: first } : first
          // Without a sentence pino takes the error's own message, and no formatter of ours would see that.
          const error = typeof fields === 'object' && fields !== null && 'err' in fields ? fields.err : undefined
          const spoken = sentence ?? (error instanceof Error ? redactText(error.message) : undefined)
          if (level >= ERROR)
            report({
              error,
              sentence: typeof sentence === 'string' ? sentence : 'an error',
              level: level > ERROR ? 'fatal' : 'error',
              ...(requestIds() && { requestId: requestIds()?.requestId ?? '' }),
            })
          method.apply(this, [fields, ...(spoken === undefined ? [] : [spoken]), ...values] as Parameters<
            typeof method
          >)
        },
      },
      // redact() has already turned errors into plain objects.
      serializers: { err: (error: unknown) => error },
    },
    pretty ? { write: (line: string) => sink.write(prettyLine(line)) } : sink,
  )
}
