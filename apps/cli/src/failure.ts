/** An expected end of a command: `message` is the one line that the person reads on stderr. */
export class CommandFailure extends Error {
  readonly exitCode: number
  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'CommandFailure'
    this.exitCode = options.exitCode ?? 1
  }
}

/** 128 + SIGINT, as shells report a command that was stopped by Ctrl-C. */
export const INTERRUPTED_EXIT_CODE = 130

/** Folds a message into one line, so that scripts can rely on one error being one line. */
export const oneLine = (message: string): string => message.replaceAll(/\s*[\r\n]+\s*/gu, ' ').trim()
