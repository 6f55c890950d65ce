/**
 * The part of a Dockerfile's language that ours uses. What it does not know is an error and never passed over.
 *
 * @typedef {{ name: string, from: string, steps: Step[] }} Stage
 * @typedef {{ verb: string, flags: Record<string, string>, text: string, args: string[], line: number }} Step
 */

const FLAGS = /^--([a-z-]+)=(\S+)\s+/
/** Verb: the flags that it may have here. */
const VERBS = {
  ARG: [],
  CMD: [],
  COPY: ['from', 'chown'],
  ENV: [],
  EXPOSE: [],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'retries'],
  RUN: [],
  STOPSIGNAL: [],
  USER: [],
  WORKDIR: [],
}

/** Lines without comments, and those that end with a backslash joined to the next. */
const logicalLines = (text) => {
  const found = []
  let open
  for (const [index, raw] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(raw)) continue
    open ??= { line: index + 1, text: '' }
    open.text += raw.replace(/\\$/, '')
    if (raw.endsWith('\\')) continue
    found.push({ line: open.line, text: open.text.trim() })
    open = undefined
  }
  return found
}

/** `${NAME}` and `$NAME`, of what is known; anything else is empty, as Docker has it. */
export const expand = (text, values) =>
  text.replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (_, braced, bare) => values[braced ?? bare] ?? '')

const stepOf = ({ line, text }) => {
  const [, verb = '', rest = ''] = /^(\w+)\s+(.*)$/s.exec(text) ?? []
  if (!Object.hasOwn(VERBS, verb)) throw new Error(`line ${line}: ${verb} is not known here`)
  const flags = {}
  let left = rest
  for (let match = FLAGS.exec(left); match !== null; match = FLAGS.exec(left)) {
    if (!VERBS[verb].includes(match[1])) throw new Error(`line ${line}: ${verb} --${match[1]} is not known here`)
    flags[match[1]] = match[2]
    left = left.slice(match[0].length)
  }
  if (left.startsWith('--')) throw new Error(`line ${line}: ${verb} ${left} is not known here`)
  const args = left.startsWith('[') ? JSON.parse(left) : left.split(/\s+/)
  return { verb, flags, text: left, args, line }
}

/**
 * @param {string} text of a Dockerfile
 * @returns {{ args: Record<string, string>, stages: Stage[] }} `args` are those before the first stage
 */
export const parseDockerfile = (text) => {
  const args = {}
  const stages = []
  for (const logical of logicalLines(text)) {
    const [, from, name] = /^FROM\s+(\S+)\s+AS\s+(\S+)$/.exec(logical.text) ?? []
    if (from !== undefined) {
      stages.push({ name, from: expand(from, args), steps: [] })
      continue
    }
    const step = stepOf(logical)
    if (stages.length > 0) stages.at(-1).steps.push(step)
    else if (step.verb === 'ARG') Object.assign(args, Object.fromEntries([step.text.split('=', 2)]))
    else throw new Error(`line ${step.line}: ${step.verb} stands before the first FROM`)
  }
  return { args, stages }
}

/** The stages that `target` is made of, each after those that it needs. @returns {Stage[]} */
export const stagesFor = (stages, target) => {
  const byName = new Map(stages.map((stage) => [stage.name, stage]))
  const wanted = new Set()
  const want = (name) => {
    const stage = byName.get(name)
    if (stage === undefined) return
    want(stage.from)
    for (const { flags } of stage.steps) if (flags.from !== undefined) want(flags.from)
    wanted.add(stage)
  }
  if (!byName.has(target)) throw new Error(`there is no stage ${target}`)
  want(target)
  return [...wanted]
}

/** `A=1 B="x y"` of an ENV, or its old form `A value`. */
export const assignments = (text) =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map(([, name, value]) => [
      name,
      value.startsWith('"') ? JSON.parse(value) : value,
    ]),
  )
