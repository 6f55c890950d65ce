import { spawn } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import { TransferRefusal } from './refusal.ts'

export const isTar = (path: string): boolean => path.endsWith('.tar')

/** Packs what is in a folder into one file (0600), by the system's tar. */
export const packFolder = async (folder: string, file: string, signal: AbortSignal): Promise<void> => {
  await tar(['-cf', file, '-C', folder, '.'], signal)
  await chmod(file, 0o600)
}

/** Unpacks a file into a new folder (0700), without owners and rights of the one who packed it. */
export const unpackFile = async (file: string, folder: string, signal: AbortSignal): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await tar(['-xf', file, '-C', folder, '--no-same-owner', '--no-same-permissions'], signal)
}

const tar = async (args: readonly string[], signal: AbortSignal): Promise<void> => {
  const child = spawn('tar', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  })
  let complaint = ''
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).catch((error: unknown) => {
    throw new TransferRefusal('The program tar is not there: name a folder instead of a .tar file.', error)
  })
  if (code !== 0) throw new TransferRefusal(`tar failed: ${complaint.trim().split('\n')[0] ?? `code ${code}`}`)
}
