import { readFileSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openChildLog } from '../boot/child-log.mjs'
import { Child } from '../boot/child.mjs'
import { BootFailure } from '../boot/failure.mjs'
import { openBuild } from './build.mjs'
import { Member } from './member.mjs'
import { FAIL_TIMEOUT_SECONDS } from './nginx-config.mjs'
import { ACCESS_LOG } from './own-nginx.mjs'
import { Replicas } from './replicas.mjs'
import { writePrivately } from './state-folder.mjs'

/** The balancer tries a port again when this is over, and finds who is there now. */
const FOUND_AFTER_MS = FAIL_TIMEOUT_SECONDS * 1_000 + 500
const SERVICE_START_MS = 120_000
const SERVICE_GRACE_MS = 30_000
/** One older file is kept beside it. */
const ACCESS_LOG_BYTES = 50 * 1024 * 1024
const UPKEEP_MS = 1_000
/** What of a program's messages is for the terminal; all of them are in its log. */
const SHOWN = {
  postgres: (line) => /FATAL|PANIC/.test(line),
  redis: (line) => /# /.test(line),
  nginx: () => true,
}

/**
 * All processes of the product on this machine.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./state-folder.mjs').placesIn>} options.places
 * @param {ReturnType<typeof openBuild>} options.build
 * @param {{ web: number, worker: number }} options.sizes
 * @param {(sizes: { web: number, worker: number }) => Record<string, string>} options.environment
 * @param {Awaited<ReturnType<typeof import('./own-postgres.mjs').ownPostgres>> | undefined} options.postgres
 * @param {Awaited<ReturnType<typeof import('./own-redis.mjs').ownRedis>> | undefined} options.redis
 * @param {Awaited<ReturnType<typeof import('./own-nginx.mjs').ownNginx>>} options.nginx
 * @param {string} options.address
 * @param {number} options.metricsPort of the process with index 0
 * @param {(message: string) => void} options.say
 */
export const createCluster = (options) => {
  const { places, sizes, postgres, redis, nginx, environment, address, say } = options
  const replicas = new Replicas({ logs: places.logs, environment, say })
  /** @type {Map<string, Member>} */
  const services = new Map()
  const startedAt = new Date().toISOString()
  let build = options.build
  let stopping = false
  /** What is under way; a second one has to wait. */
  let busy
  /** Migration and provisioning, while they run. */
  let running
  let upkeep

  const service = async (definition, kind = 'service') => {
    if (stopping) throw new BootFailure('stopped')
    const show = (line) => SHOWN[definition.name](line) && say(line)
    const log = openChildLog(places.logs, definition.name, show)
    const all = { kind, startMs: SERVICE_START_MS, graceMs: SERVICE_GRACE_MS, ...definition }
    const member = new Member(all, log, say)
    services.set(definition.name, member)
    try {
      await member.start()
    } catch (error) {
      throw new BootFailure(error.message)
    }
  }

  const finish = async (name, { args, cwd }) => {
    if (stopping) throw new BootFailure('stopped')
    const log = openChildLog(places.logs, name, say)
    running = new Child({ name, node: process.execPath, args, cwd, env: environment(sizes) }, log, say)
    const code = await running.runOnce()
    running = undefined
    await log.close()
    if (code !== 0 && !stopping)
      throw new BootFailure(`${name}: ${log.lastWords() ?? `it ended with code ${code}`} (its log: ${log.file})`)
  }

  const start = async () => {
    if (postgres !== undefined) {
      await postgres.initialise()
      await service(postgres.member)
      await postgres.createDatabase()
    }
    await finish('migrate', build.migrate)
    await postgres?.letIn()
    if (redis !== undefined) {
      redis.initialise()
      await service(redis.member)
    }
    await finish('provision', build.provision)
    await replicas.reserve(sizes.web)
    await Promise.all(['web', 'worker'].map((kind) => replicas.grow(kind, sizes[kind], build, sizes)))
    await nginx.configure(replicas.ports)
    await service(nginx.member, 'proxy')
    // At once: whoever is told that it is ready may look who is there.
    lookAfter()
    upkeep = setInterval(lookAfter, UPKEEP_MS)
  }

  /** In order: who uses something ends before it. */
  const stop = async () => {
    stopping = true
    clearInterval(upkeep)
    await running?.stop()
    await replicas.stop()
    for (const name of ['nginx', 'redis', 'postgres']) {
      await services.get(name)?.stop()
      await services.get(name)?.closeLog()
    }
  }

  /** Tells a start that comes after us, and Prometheus, who is there. */
  let noted = ''
  const lookAfter = () => {
    const views = [...services.values(), ...replicas.members()].map((member) => member.view())
    const processes = views.filter(({ pid }) => pid !== null).map(({ name, pid }) => ({ name, pid }))
    const text = JSON.stringify(processes)
    if (text !== noted) {
      noted = text
      writePrivately(
        places.processes,
        JSON.stringify(processes.map((one) => ({ ...one, command: commandOf(one.pid) }))),
      )
      writePrivately(places.targets, JSON.stringify(targetsOf(views, options.metricsPort)))
    }
    rotateAccessLog(path.join(places.nginx, ACCESS_LOG), () => services.get('nginx')?.signal('SIGUSR1'))
  }

  /** Only one thing at a time changes who is there. */
  const exclusively = async (what, work) => {
    if (busy !== undefined) throw new BootFailure(`A ${busy} is under way. Try again when it has ended.`)
    busy = what
    try {
      return await work()
    } finally {
      busy = undefined
    }
  }

  const scale = (wanted, tell) =>
    exclusively('change of size', async () => {
      const all = { ...replicas.sizes, ...wanted }
      if (await replicas.reserve(all.web)) {
        await nginx.configure(replicas.ports)
        services.get('nginx').signal('SIGHUP')
      }
      for (const kind of Object.keys(wanted)) {
        await replicas.grow(kind, all[kind], build, all)
        await replicas.shrink(kind, all[kind])
        tell(`${all[kind]} ${kind}`)
      }
    })

  const found = () => pause(FOUND_AFTER_MS)

  const roll = (folder, tell) =>
    exclusively('roll', async () => {
      const before = build
      const next = openBuild(folder ?? build.folder)
      // One job, before the first process that needs it. Older processes go on with what it adds.
      await finish('migrate', next.migrate)
      const replaced = []
      for (const name of [...replicas.names('web'), ...replicas.names('worker')]) {
        if (stopping) throw new BootFailure('The cluster is stopping.')
        try {
          const { readyMs, leftMs } = await replicas.replace(name, next, found)
          replaced.push(name)
          tell(`${name}: ready after ${seconds(readyMs)}, the old one left after ${seconds(leftMs)}`)
        } catch (error) {
          if (next.folder !== before.folder) await rollBack(replaced, before, tell)
          throw new BootFailure(
            `${error.message}\nNothing was lost: ${replaced.length === 0 || next.folder !== before.folder ? 'all processes are of the build before' : `${replaced.join(', ')} were replaced, the others were not`}. Put it right, and roll again.`,
          )
        }
      }
      build = next
      tell(`All processes run ${next.version} (${next.id}) of ${next.folder}.`)
    })

  const rollBack = async (names, before, tell) => {
    for (const name of names) {
      await replicas.replace(name, before, found)
      tell(`${name}: back to ${before.version} (${before.id})`)
    }
  }

  return {
    ...{ start, stop, scale, roll },
    killNow: () => {
      stopping = true
      running?.killNow()
      replicas.killNow()
      for (const member of services.values()) member.killNow()
    },
    view: () => ({
      ...{ address, folder: places.folder, startedAt, busy: busy ?? null, supervisor: process.pid },
      ...{ version: build.version, build: build.id, buildFolder: build.folder },
      processes: [...services.values(), ...replicas.members()].map((member) => member.view()),
    }),
  }
}

const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`

const commandOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** As file_sd_configs of Prometheus wants it. */
const targetsOf = (views, metricsPort) =>
  views
    .filter(({ index }) => index !== undefined)
    .map(({ name, kind, index }) => ({
      targets: [`127.0.0.1:${metricsPort + index}`],
      // The alerts tell web and worker apart by the name of the job.
      labels: { job: `quarry-${kind}`, process: name, kind },
    }))

const rotateAccessLog = (file, reopen) => {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < ACCESS_LOG_BYTES) return
  renameSync(file, `${file}.1`)
  reopen()
}
