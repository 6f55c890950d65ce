import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { transferJson, type TransferJson } from '@quarry/contracts'
import type { TransferCommand } from '../commands.ts'
import { runTransfer } from '../run.ts'

const MAIN = fileURLToPath(new URL('../../transfer-main.ts', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one of the commands as boot does, in a process of its own. */
export const startTransfer = (args: readonly string[], env: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
  return { ended, kill: () => child.kill('SIGKILL') }
}

const nobody = { step: () => {}, note: () => {} }

/** The same to its end, in this process, with the result that it prints for scripts. */
export const runTransferCommand = async (
  [name, ...args]: readonly [TransferCommand, ...string[]],
  env: Readonly<Record<string, string>>,
): Promise<TransferJson> => {
  let printed = ''
  const out = (text: string) => {
    printed += text
  }
  const signal = AbortSignal.timeout(120_000)
  await runTransfer(name, [...args, '--json'], { env, callerDir: '/', watcher: nobody, signal, out })
  return transferJson.parse(JSON.parse(printed))
}
