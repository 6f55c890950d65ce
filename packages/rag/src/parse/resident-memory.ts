import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Resident memory of a process in bytes; null when it is gone. Linux tells it in /proc, at once and from memory: waiting
 * for a thread would let a child grow on meanwhile. Other systems tell it through `ps`.
 */
export async function residentBytes(pid: number): Promise<number | null> {
  try {
    const text =
      process.platform === 'linux'
        ? (/^VmRSS:\s*(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '')
        : (await run('ps', ['-o', 'rss=', '-p', String(pid)])).stdout
    const kilobytes = Number.parseInt(text, 10)
    return Number.isNaN(kilobytes) ? null : kilobytes * 1024
  } catch {
    return null
  }
}
