import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from './paths.mjs'

const running = new Set()

/** Ends what `runTool` has under way: boot was told to stop in the middle of an installation or a build. */
export const endTools = () => {
  for (const child of running) {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
}

/**
 * Runs a tool to its end with its output in a file: a person who starts the product does not want to read it, and
 * finds it when something went wrong.
 *
 * @returns {Promise<{ code: number, output: string }>}
 */
export const runTool = (file, args, { env, cwd = ROOT, logFile }) =>
  new Promise((resolve) => {
    mkdirSync(path.dirname(logFile), { recursive: true })
    const log = openSync(logFile, 'w')
    const end = (code, complaint = '') => {
      running.delete(child)
      resolve({ code, output: readFileSync(logFile, 'utf8') + complaint })
    }
    // A group of its own, so that all of it can be ended; Ctrl-C reaches boot alone.
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', log, log], detached: true })
    closeSync(log)
    running.add(child)
    child.on('error', (error) => end(127, error.message))
    child.on('exit', (code) => end(code ?? 1))
  })
