import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { copyContext } from './context.mjs'
import { assignments, expand, parseDockerfile, stagesFor } from './dockerfile.mjs'
import { copyInto, makeBase, runIn, startIn } from './layers.mjs'

/** Of this machine, so that steps reach the registry as its own programs do. */
const OF_THE_MACHINE = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /proxy$|_CERT|^SSL_|_CA|^npm_config_registry$/i.test(name)),
)

const initial = () => ({ env: {}, args: {}, workdir: '/', user: undefined, cmd: undefined, healthcheck: undefined })

/**
 * Walks the steps of the stages that `target` needs. Each stage is a layer in a folder of its own, put on those of the
 * stage that it begins with.
 *
 * @param {{ root: string, folder: string, target: string, node: string, storeFolder?: string, say: (line: string) => void }} options
 */
export const walk = ({ root, folder, targets, node, storeFolder, say }) => {
  const { stages } = parseDockerfile(readFileSync(path.join(root, 'docker', 'Dockerfile'), 'utf8'))
  const context = path.join(folder, 'context')
  mkdirSync(context, { recursive: true })
  say(`context: ${copyContext(root, context).length} files`)
  const base = path.join(folder, 'base')
  makeBase(base, node)
  /** @type {Map<string, { layers: string[], state: ReturnType<typeof initial>, root: string, work: string }>} */
  const made = new Map()
  const wanted = new Set(targets.flatMap((target) => stagesFor(stages, target)))
  for (const stage of wanted) {
    const parent = made.get(stage.from)
    const upper = path.join(folder, 'layers', stage.name)
    mkdirSync(upper, { recursive: true })
    const own = {
      layers: [...(parent?.layers ?? [base]), upper],
      state: { ...structuredClone(parent?.state ?? initial()), args: {} },
      root: path.join(folder, 'roots', stage.name),
      work: path.join(folder, 'work', stage.name),
    }
    made.set(stage.name, own)
    for (const step of stage.steps) {
      say(`${stage.name.padEnd(13)} ${step.verb} ${step.text}`)
      try {
        STEPS[step.verb](own, step, { made, context, storeFolder })
      } catch (error) {
        throw new Error(`docker/Dockerfile:${step.line} ${step.verb} ${step.text}\n${error.message}`, { cause: error })
      }
    }
  }
  return Object.fromEntries(targets.map((target) => [target, imageOf(made.get(target))]))
}

const STEPS = {
  ARG: ({ state }, { text }) => {
    const [name, value = ''] = text.split('=', 2)
    state.args[name] = value
  },
  ENV: ({ state }, { text }) => Object.assign(state.env, assignments(expand(text, { ...state.args, ...state.env }))),
  WORKDIR: ({ state }, { text }) => (state.workdir = path.posix.resolve(state.workdir, text)),
  USER: ({ state }, { text }) => (state.user = text),
  CMD: ({ state }, { args }) => (state.cmd = args),
  HEALTHCHECK: ({ state }, { text }) => (state.healthcheck = JSON.parse(text.replace(/^CMD\s+/, ''))),
  EXPOSE: () => undefined,
  STOPSIGNAL: () => undefined,
  COPY: ({ state, layers, root, work }, { args, flags }, { made, context }) => {
    const sources = args.slice(0, -1)
    const last = args.at(-1)
    const to = path.posix.resolve(state.workdir, last) + (/(^|\/)\.?$/.test(last) ? '/' : '')
    const from = flags.from === undefined ? { folder: context } : { layers: made.get(flags.from).layers }
    copyInto(root, layers, work, { from, sources, to, chown: flags.chown })
  },
  RUN: ({ state, layers, root, work }, { text }, { storeFolder }) => {
    const env = { HOME: '/root', ...OF_THE_MACHINE, ...state.args, ...state.env }
    // Packages that were fetched before are not fetched again.
    const mounts = storeFolder === undefined ? [] : [{ from: storeFolder, to: '/store' }]
    if (storeFolder !== undefined) env.pnpm_config_store_dir = '/store'
    runIn(root, layers, work, {
      argv: ['/bin/sh', '-c', `mkdir -p ${state.workdir} && cd ${state.workdir} && ${text}`],
      env,
      cwd: '/',
      user: state.user,
      mounts,
    })
  },
}

/** @param {{ layers: string[], state: ReturnType<typeof initial>, root: string, work: string }} made */
const imageOf = ({ layers, state, root, work }) => ({
  user: state.user,
  layers,
  /** Runs its own command, or another, on a read-only root. */
  start: ({ argv = state.cmd, env = {}, mounts = [] } = {}) =>
    startIn(
      `${root}-${Math.random().toString(36).slice(2)}`,
      layers,
      `${work}-${Math.random().toString(36).slice(2)}`,
      {
        argv,
        env: { ...state.env, ...env },
        cwd: state.workdir,
        user: state.user,
        mounts,
      },
    ),
  healthcheck: state.healthcheck,
})
