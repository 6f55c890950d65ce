import { spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const GUARD = pathToFileURL(path.join(import.meta.dirname, '..', 'boot', 'child-guard.mjs')).href

/** Quick at first, because most deaths are single; never given up, because what is missing may come back. */
const BACK_OFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000]
/** After this long without dying it begins again with the shortest pause. */
const SETTLED_AFTER_MS = 60_000
/** From the third death on it is no accident any more. */
const LOOP_FROM = 3
const PROBE_STARTING_MS = 100
/** How often it is asked once it is ready. */
const PROBE_READY_MS = 1_000
/** Says nothing at all for so long, not even that it is not ready: its event loop is stuck, or the process is stopped. */
const HUNG_AFTER_MS = 45_000
/** A probe that is not answered by then says nothing. */
const ANSWER_MS = 5_000

/**
 * @typedef {object} MemberOptions
 * @property {string} name
 * @property {'service' | 'web' | 'worker' | 'proxy'} kind
 * @property {string} file
 * @property {string[]} args
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {boolean} [node] a program of ours: it has a channel, and ends with the supervisor by itself
 * @property {NodeJS.Signals} [stopSignal]
 * @property {number} graceMs how long it may take to stop
 * @property {number} startMs how long it may take until it is ready
 * @property {((signal: AbortSignal) => Promise<boolean | undefined>)} [probe] true: ready, false: it says that it is
 *   not, undefined or a rejection: it says nothing. Without one it tells by its channel, and answers there that it goes on
 * @property {number} [hungMs] after so long without a word it is killed
 * @property {number} [probeEveryMs] once it is ready, where asking costs more than usual
 * @property {{ uid?: number, gid?: number }} [user]
 * @property {Record<string, unknown>} [about] shown in the status: port, index, build
 */

/** One process of the cluster: started, watched, started again when it ends or hangs, stopped in time. */
export class Member {
  #options
  #log
  #say
  #process
  #state = 'stopped'
  #stopping = false
  #restarts = 0
  #attempt = 0
  #lastEnd
  #since = Date.now()
  #retry
  #restartTimer
  #onEnd = () => {}

  /**
   * @param {MemberOptions} options
   * @param {ReturnType<typeof import('../boot/child-log.mjs').openChildLog>} log
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

  get about() {
    return this.#options.about ?? {}
  }

  get pid() {
    return this.#process?.pid
  }

  get isReady() {
    return this.#state === 'ready'
  }

  /** What the status shows of it. */
  view() {
    return {
      ...{ name: this.name, kind: this.#options.kind, pid: this.pid ?? null, state: this.#state },
      ...{ ready: this.isReady, since: new Date(this.#since).toISOString(), restarts: this.#restarts },
      ...{ lastEnd: this.#lastEnd ?? null, nextTry: this.#retry ?? null, log: this.#log.file, ...this.about },
    }
  }

  /**
   * Starts it. From its first readiness on it is kept alive.
   *
   * @returns {Promise<void>} when it is ready; rejected with a sentence when it ends or hangs before, and then it is gone
   */
  async start() {
    const child = this.#spawn()
    const ended = new Promise((_, reject) => {
      this.#onEnd = (how) => reject(new Error(this.#log.lastWords() ?? `it ended (${how})`))
    })
    try {
      await Promise.race([ended, this.#untilReady(child)])
    } catch (error) {
      this.killNow()
      throw new Error(`${this.name}: ${error.message} (its log: ${this.#log.file})`, { cause: error })
    }
    this.#onEnd = (how) => this.#comeBack(how)
    // It may have ended between its readiness and this line.
    if (this.#process !== child) this.#comeBack('at once')
    else void this.#watch(child)
  }

  /** Tells it to stop, and kills it with all that it has started when it takes too long. @returns {Promise<number>} ms it took */
  async stop() {
    const startedAt = Date.now()
    this.#stopping = true
    clearTimeout(this.#restartTimer)
    const child = this.#process
    if (child === undefined) {
      this.#enter('stopped')
      return 0
    }
    this.#enter('stopping')
    const ended = new Promise((resolve) => (this.#onEnd = resolve))
    child.kill(this.#options.stopSignal ?? 'SIGTERM')
    const { graceMs } = this.#options
    const timer = setTimeout(() => {
      this.#say(`${this.name} did not stop within ${graceMs / 1000} s and was killed. Its log: ${this.#log.file}`)
      this.killNow()
    }, graceMs)
    await ended
    clearTimeout(timer)
    this.#enter('stopped')
    return Date.now() - startedAt
  }

  /** Kills it with all that it has started. */
  killNow() {
    this.#stopping = true
    clearTimeout(this.#restartTimer)
    this.#killGroup()
  }

  closeLog() {
    return this.#log.close()
  }

  /** A signal for the running process: nginx reads its configuration again on SIGHUP. */
  signal(name) {
    this.#process?.kill(name)
  }

  #enter(state) {
    if (this.#state === state) return
    this.#state = state
    this.#since = Date.now()
  }

  #spawn() {
    const { file, args, cwd, env, node = false, user = {}, stopSignal = 'SIGTERM' } = this.#options
    this.#stopping = false
    this.#enter('starting')
    const [program, all] = node
      ? [file, ['--import', GUARD, ...args]]
      : endingWithUs(file, args, stopSignal.replace(/^SIG/, ''))
    const child = spawn(program, all, {
      ...user,
      cwd,
      env: node ? { ...env, QUARRY_BOOT_PID: String(process.pid) } : env,
      // A group of its own: Ctrl-C reaches the supervisor alone, which then stops things in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(node ? ['ipc'] : [])],
    })
    this.#process = child
    this.#log.follow(child)
    let saidReady = false
    child.on('message', (message) => (saidReady ||= message?.type === 'ready'))
    child.saysReady = () => saidReady
    child.answers = () => (node ? pong(child) : true)
    child.on('error', (error) => {
      // A program that cannot be started at all never exits either.
      if (child.pid === undefined) this.#ended(child, error.message)
    })
    child.on('exit', () => this.#killGroup(child))
    child.on('close', (code, signal) => this.#ended(child, signal ?? `code ${code}`))
    return child
  }

  #ended(child, how) {
    if (this.#process !== child) return
    this.#process = undefined
    this.#lastEnd = { how, at: new Date().toISOString() }
    this.#onEnd(how)
  }

  /** true, false or undefined, as a probe says it. */
  async #ask(child) {
    const { probe } = this.#options
    if (probe === undefined) return child.saysReady() && child.answers()
    try {
      return await probe(AbortSignal.timeout(ANSWER_MS))
    } catch {
      return undefined
    }
  }

  async #untilReady(child) {
    const deadline = Date.now() + this.#options.startMs
    while (this.#process === child) {
      if ((await this.#ask(child)) === true) {
        if (this.#process === child && !this.#stopping) this.#enter('ready')
        return
      }
      if (Date.now() > deadline) throw new Error(`not ready within ${this.#options.startMs / 1000} s`)
      await pause(PROBE_STARTING_MS)
    }
  }

  /** Looks whether it is ready for as long as it runs, and kills it when it hangs. */
  async #watch(child) {
    const { hungMs = HUNG_AFTER_MS } = this.#options
    let heardAt = Date.now()
    while (this.#process === child && !this.#stopping) {
      await pause(this.#options.probeEveryMs ?? PROBE_READY_MS)
      const answer = await this.#ask(child)
      if (this.#process !== child || this.#stopping) return
      if (answer !== undefined) heardAt = Date.now()
      this.#enter(answer === true ? 'ready' : 'not ready')
      if (Date.now() - heardAt < hungMs) continue
      this.#say(`${this.name} has said nothing for ${hungMs / 1000} s and is killed. Its log: ${this.#log.file}`)
      this.#killGroup()
      return
    }
  }

  #comeBack(how) {
    if (this.#stopping) return
    if (Date.now() - this.#since > SETTLED_AFTER_MS && this.#state === 'ready') this.#attempt = 0
    const pauseMs = BACK_OFF_MS[Math.min(this.#attempt, BACK_OFF_MS.length - 1)]
    this.#attempt += 1
    this.#restarts += 1
    this.#enter('waiting')
    this.#retry = new Date(Date.now() + pauseMs).toISOString()
    const again = `it is started again in ${pauseMs / 1000} s`
    this.#say(
      this.#attempt < LOOP_FROM
        ? `${this.name} ended unexpectedly (${how}); ${again}. Its log: ${this.#log.file}`
        : `${this.name} keeps ending (${this.#attempt} times, now ${how}: ${this.#log.lastWords() ?? 'without a word'}); ${again}. Its log: ${this.#log.file}`,
    )
    this.#restartTimer = setTimeout(() => {
      this.#retry = undefined
      const child = this.#spawn()
      this.#untilReady(child).then(
        () => this.#watch(child),
        (error) => {
          this.#say(`${this.name}: ${error.message}; it is killed.`)
          this.#killGroup(child)
        },
      )
    }, pauseMs)
  }

  #killGroup(child = this.#process) {
    try {
      if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Nobody is left in the group.
    }
  }
}

/** Whether its main thread goes on; undefined where it says nothing. child-guard.mjs answers. */
const pong = (child) =>
  new Promise((resolve) => {
    const end = (answer) => {
      clearTimeout(timer)
      child.off('message', listen)
      resolve(answer)
    }
    const listen = (message) => message?.type === 'pong' && end(true)
    const timer = setTimeout(() => end(undefined), ANSWER_MS)
    child.on('message', listen)
    child.send({ type: 'ping' }, (error) => error && end(undefined))
  })

/** Linux ends them by itself (prctl's parent-death signal): programs that are not ours know nothing of a supervisor. */
const endingWithUs = (file, args, signal) =>
  process.platform === 'linux' ? ['setpriv', ['--pdeathsig', signal, '--', file, ...args]] : [file, args]
