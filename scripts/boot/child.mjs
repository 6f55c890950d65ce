import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const GUARD = pathToFileURL(path.join(path.dirname(fileURLToPath(import.meta.url)), 'child-guard.mjs')).href

/** Back-off of a process that keeps dying: quick at first, because most deaths are single. */
const BACK_OFF_MS = [500, 1_000, 2_000, 5_000, 10_000]
/** After this long without dying it starts again from the shortest pause. */
const SETTLED_AFTER_MS = 60_000
/** How long a process may take after SIGTERM. */
const STOP_GRACE_MS = 10_000

/**
 * One process of the product, in a process group of its own: Ctrl-C in a terminal reaches boot alone, which then stops
 * things in order, and whatever a child has started goes with its group.
 */
export class Child {
  #options
  #log
  #say
  #process
  #stopping = false
  #attempt = 0
  #restartTimer

  /**
   * @param {{ name: string, node: string, args: string[], cwd: string, env: Record<string, string>, graceMs?: number | undefined }} options
   * @param {ReturnType<typeof import('./child-log.mjs').openChildLog>} log
   * @param {(message: string) => void} say
   */
  constructor(options, log, say) {
    this.#options = options
    this.#log = log
    this.#say = say
  }

  get name() {
    return this.#options.name
  }

  get log() {
    return this.#log
  }

  /** Runs it once. @returns {Promise<number>} its exit code; 1 when a signal ended it */
  runOnce() {
    return new Promise((resolve) =>
      this.#spawn(
        (code) => resolve(code ?? 1),
        () => {},
      ),
    )
  }

  /**
   * Starts it and keeps it alive: from its first readiness on, it is started again whenever it ends.
   *
   * @param {{ ready?: (signal: AbortSignal) => Promise<void>, timeoutMs: number }} options
   *   `ready` asks from outside; without it the process itself says `{ type: 'ready' }`
   * @returns {Promise<void>} settled when it serves; rejected with a sentence when it ends or hangs before
   */
  async start({ ready, timeoutMs }) {
    const controller = new AbortController()
    let timer
    try {
      await new Promise((resolve, reject) => {
        timer = setTimeout(
          () => reject(new Error(`${this.name} did not answer within ${timeoutMs / 1000} s`)),
          timeoutMs,
        )
        this.#spawn((code) => reject(new Error(this.#reason(code))), resolve)
        ready?.(controller.signal).then(resolve, reject)
      })
    } finally {
      clearTimeout(timer)
      controller.abort()
    }
    this.#keepAlive()
  }

  #reason(code) {
    return this.#log.lastWords() ?? `${this.name} ended with code ${code ?? 'of a signal'}`
  }

  #onExit = () => {}

  #spawn(onExit, onReady) {
    const { node, args, cwd, env } = this.#options
    this.#onExit = onExit
    const child = spawn(node, ['--import', GUARD, ...args], {
      cwd,
      env: { ...env, QUARRY_BOOT_PID: String(process.pid) },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#process = child
    this.#log.follow(child)
    child.on('message', (message) => {
      if (message?.type === 'ready') onReady()
    })
    child.on('error', (error) => this.#say(`${this.name}: ${error.message}`))
    // 'close', not 'exit': its last words have been read by then. A grandchild may hold the pipes open; killing the group
    // on 'exit' closes them.
    child.on('exit', () => this.#killGroup())
    child.on('close', (code) => {
      if (this.#process === child) this.#process = undefined
      this.#onExit(code)
    })
  }

  #keepAlive() {
    let startedAt = Date.now()
    const onExit = (code) => {
      if (this.#stopping) return
      if (Date.now() - startedAt > SETTLED_AFTER_MS) this.#attempt = 0
      const pauseMs = BACK_OFF_MS[Math.min(this.#attempt, BACK_OFF_MS.length - 1)]
      this.#attempt += 1
      this.#say(
        `${this.name} ended unexpectedly (code ${code ?? 'of a signal'}); starting it again. Its log: ${this.#log.file}`,
      )
      this.#restartTimer = setTimeout(() => {
        startedAt = Date.now()
        this.#spawn(onExit, () => {})
      }, pauseMs)
    }
    if (this.#process === undefined) onExit(undefined)
    else this.#onExit = onExit
  }

  /** Tells it to stop, and kills it with everything it has started when it takes too long. */
  async stop() {
    this.#stopping = true
    clearTimeout(this.#restartTimer)
    const child = this.#process
    if (child === undefined) return
    const ended = new Promise((resolve) => (this.#onExit = resolve))
    child.kill('SIGTERM')
    const graceMs = this.#options.graceMs ?? STOP_GRACE_MS
    const timer = setTimeout(() => {
      this.#say(`${this.name} did not stop within ${graceMs / 1000} s and was killed.`)
      this.killNow()
    }, graceMs)
    await ended
    clearTimeout(timer)
  }

  /** Kills it with everything it has started. */
  killNow() {
    this.#stopping = true
    clearTimeout(this.#restartTimer)
    this.#killGroup()
  }

  #killGroup() {
    try {
      if (this.#process?.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL')
    } catch {
      // Nobody is left in the group.
    }
  }
}
