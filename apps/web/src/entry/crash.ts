import { writeSync } from 'node:fs'
import type { EntryPort } from '../server/entry-port.ts'

/** `EX_SOFTWARE` of sysexits.h: a supervisor's log tells it from a kill and from a refusal to start. */
const CRASHED = 70

/**
 * What nobody caught ends the process, with one line that says why: what it left half done is unknown, and a supervisor
 * starts another. Next would log it and go on. To be called after Next has loaded, whose own listeners stay.
 */
export const endOnCrash = (port: EntryPort, exit: (code: number) => void = (code) => process.exit(code)): void => {
  const end = (what: string) => (error: unknown) => {
    try {
      port.log('fatal', { err: error }, `${what}: the process ends`)
    } catch {
      writeSync(2, `${what}: the process ends\n`)
    }
    exit(CRASHED)
  }
  process.on('uncaughtException', end('nobody caught an exception'))
  process.on('unhandledRejection', end('nobody caught a rejection'))
}
