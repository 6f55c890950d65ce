import { AppConfigError } from '@quarry/config'
import { printable } from '@quarry/contracts'
import { reasonOf, TransferRefusal } from '@quarry/core/operator'
import { readOperatorEnv } from './env.ts'
import { OPERATOR_COMMANDS } from './operator/commands.ts'
import { runOperator } from './operator/run.ts'

/** `quarry flags` and `quarry limits`: boot starts this, with the data folder locked unless Quarry has it. Exits 0 or 1. */
const [name, ...argv] = process.argv.slice(2)
const command = OPERATOR_COMMANDS.find((one) => one === name)
try {
  if (command === undefined) throw new TransferRefusal(`Usage: ${OPERATOR_COMMANDS.join(' | ')}`)
  await runOperator(command, argv, { ...readOperatorEnv(), out: (text) => process.stdout.write(text) })
} catch (error) {
  // Names of organisations are in it, which anybody may have chosen.
  process.stderr.write(`${printable(sentenceOf(error))}\n`)
  process.exitCode = 1
}

function sentenceOf(error: unknown): string {
  if (error instanceof TransferRefusal) return error.message
  if (error instanceof AppConfigError) return error.problems.join('; ')
  return `quarry ${command ?? ''} failed: ${reasonOf(error)}`
}
