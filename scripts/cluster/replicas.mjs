import { openChildLog } from '../boot/child-log.mjs'
import { BootFailure } from '../boot/failure.mjs'
import { freePort } from '../services/free-port.mjs'
import { Member } from './member.mjs'
import { askReady } from './probes.mjs'

/** A replica drains for 30 s at most; then it is killed. */
const GRACE_MS = 33_000
/** It takes two seconds in calm; three at once on two busy cores take many times that. */
const START_MS = 120_000

/**
 * The web replicas and workers: which there are, on which ports, of which build.
 *
 * A web replica gets one of a list of ports that the balancer knows already, which is one longer than there are replicas:
 * so a new one can be ready before the old one leaves, and the balancer needs no new configuration.
 */
export class Replicas {
  /** @type {Map<string, { kind: 'web' | 'worker', member: Member, build: object, port?: number, index: number }>} */
  #slots = new Map()
  #leaving = new Set()
  #ports = []
  #options

  /**
   * @param {object} options
   * @param {string} options.logs
   * @param {(sizes: { web: number, worker: number }) => Record<string, string>} options.environment of every process
   * @param {(message: string) => void} options.say
   */
  constructor(options) {
    this.#options = options
  }

  get sizes() {
    const count = (kind) => [...this.#slots.values()].filter((slot) => slot.kind === kind).length
    return { web: count('web'), worker: count('worker') }
  }

  get ports() {
    return [...this.#ports]
  }

  /** Makes the list of ports long enough for so many web replicas and one more. @returns {Promise<boolean>} whether it grew */
  async reserve(web) {
    const before = this.#ports.length
    while (this.#ports.length < web + 1) {
      const port = await freePort()
      if (!this.#ports.includes(port)) this.#ports.push(port)
    }
    return this.#ports.length > before
  }

  /** Names of all, in order: web-1, web-2, …, worker-1, … */
  names(kind) {
    const number = (name) => Number(name.split('-')[1])
    return [...this.#slots.keys()]
      .filter((name) => kind === undefined || this.#slots.get(name).kind === kind)
      .toSorted((a, b) => a.split('-')[0].localeCompare(b.split('-')[0]) || number(a) - number(b))
  }

  buildOf(name) {
    return this.#slots.get(name).build
  }

  /** In the order of their names; then those that are leaving, or have not come in yet. */
  members() {
    return [...this.names().map((name) => this.#slots.get(name).member), ...this.#leaving]
  }

  /** Starts so many more that there are these, all at once. @throws BootFailure, and then none of the new ones is there */
  async grow(kind, count, build, sizes) {
    const added = []
    for (let number = 1; this.names(kind).length < count; number++) {
      const name = `${kind}-${number}`
      if (this.#slots.has(name)) continue
      this.#slots.set(name, this.#make(name, kind, build, sizes))
      added.push(name)
    }
    const started = await Promise.allSettled(added.map((name) => this.#slots.get(name).member.start()))
    const failed = started.find(({ status }) => status === 'rejected')
    if (failed === undefined) return
    await Promise.all(added.map((name) => this.#drop(name)))
    throw new BootFailure(failed.reason.message)
  }

  /** Stops those with the highest numbers, all at once. */
  async shrink(kind, count) {
    await Promise.all(
      this.names(kind)
        .slice(count)
        .map((name) => this.#drop(name)),
    )
  }

  async #drop(name) {
    const { member } = this.#slots.get(name)
    this.#slots.delete(name)
    await this.#leave(member)
  }

  async #leave(member) {
    this.#leaving.add(member)
    const took = await member.stop()
    await member.closeLog()
    this.#leaving.delete(member)
    return took
  }

  /**
   * Puts a process of this build in the place of the one that has this name: the new one is ready before the old one is
   * told to go.
   *
   * @param {() => Promise<void>} found waits until the balancer sends requests to the new one
   * @returns {Promise<{ readyMs: number, leftMs: number }>}
   * @throws BootFailure where the new one does not become ready; the old one has stayed
   */
  async replace(name, build, found) {
    const old = this.#slots.get(name)
    const next = this.#make(name, old.kind, build, this.sizes)
    const startedAt = Date.now()
    this.#leaving.add(next.member)
    try {
      await next.member.start()
    } catch (error) {
      await next.member.closeLog()
      throw new BootFailure(error.message)
    } finally {
      this.#leaving.delete(next.member)
    }
    const readyMs = Date.now() - startedAt
    this.#slots.set(name, next)
    this.#leaving.add(old.member)
    if (old.kind === 'web') await found()
    return { readyMs, leftMs: await this.#leave(old.member) }
  }

  async stop() {
    await Promise.all(this.members().map((member) => member.stop()))
    await Promise.all(this.members().map((member) => member.closeLog()))
  }

  killNow() {
    for (const member of this.members()) member.killNow()
  }

  #make(name, kind, build, sizes) {
    const taken = this.members().map(({ about }) => about)
    const port = kind === 'web' ? this.#ports.find((one) => !taken.some((about) => about.port === one)) : undefined
    // The lowest that nobody has: so the ports of metrics stay few.
    let index = 0
    while (taken.some((about) => about.index === index)) index++
    const env = {
      ...this.#options.environment(sizes),
      PROCESS_INDEX: String(index),
      ...(port === undefined ? {} : { PORT: String(port), HOSTNAME: '127.0.0.1' }),
    }
    const about = { index, version: build.version, build: build.id, ...(port === undefined ? {} : { port }) }
    const options = {
      ...{ name, kind, node: true, file: process.execPath, ...build[kind], env, about },
      ...{ graceMs: GRACE_MS, startMs: START_MS, probe: port === undefined ? undefined : askReady({ port }) },
    }
    const { logs, say } = this.#options
    return { kind, build, port, index, member: new Member(options, openChildLog(logs, name, say), say) }
  }
}
