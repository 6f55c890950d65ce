import { parseArgs } from 'node:util'

const OPTIONS = {
  users: { type: 'string', default: '500' },
  stages: { type: 'string' },
  duration: { type: 'string', default: '60' },
  'warm-up': { type: 'string', default: '10' },
  think: { type: 'string', default: '2' },
  overload: { type: 'string' },
  replicas: { type: 'string', default: '3' },
  workers: { type: 'string', default: '2' },
  organisations: { type: 'string', default: '50' },
  documents: { type: 'string', default: '2000' },
  chunks: { type: 'string', default: '20000' },
  build: { type: 'string' },
  url: { type: 'string' },
  model: { type: 'string', default: 'mock-ttft300-itl20-len60-stamped' },
  mix: { type: 'string', default: 'list=55,search=25,chat=18,upload=2' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

export const HELP = `npm run -s load -- [options]

People use the product: half of the time they look at lists of documents (55 %), they search (25 %), ask and read the
answer as it is written (18 %), and upload (2 %), with a pause of two seconds on average. More and more of them, stage by
stage. Starts the cluster, a double of the model's provider and everything else itself, on this machine; ends by itself.

  --users <n>           people at the end (500); stages are 50, 100 and 200 below that
  --stages <n,n,…>      other stages
  --duration <s>        how long each stage is measured (60), after --warm-up <s> that is not (10)
  --think <s>           pause of a person, on average (2)
  --overload <factor>   then so many times as many people, and back: what is refused, and how soon all is well again
  --replicas, --workers web servers (3) and workers (2)
  --organisations, --documents, --chunks   what the database holds (50, 2000, 20000)
  --model <name>        of the double (mock-ttft300-itl20-len60-stamped): see bench/load/provider/model-name.mjs
  --mix <kind=n,…>      what a hundred actions are (list=55,search=25,chat=18,upload=2); one kind alone says what it costs
  --build <folder>      a checkout that has been built (this one)
  --url <address>       a cluster that runs, with --model as its LLM_MODEL; DATABASE_URL, DATABASE_OWNER_URL and
                        AUTH_SECRET are its own. It gets organisations of its own there, which stay
  --json                no sentences, only the last line

Prints one JSON object as its last line, and writes a report into .cache/load. Ends with 1 where a target is missed.`

const STAGES = [50, 100, 200]

const number = (values, name, least = 1) => {
  const value = Number(values[name])
  if (!Number.isFinite(value) || value < least) throw new Error(`--${name} must be a number from ${least} on.`)
  return value
}

const KINDS = ['list', 'search', 'chat', 'upload']

/** Shares of a hundred, by kind. */
const readMix = (text) => {
  const mix = Object.fromEntries(text.split(',').map((part) => [part.split('=')[0], Number(part.split('=')[1])]))
  const sum = Object.values(mix).reduce((all, share) => all + share, 0)
  if (Object.keys(mix).some((kind) => !KINDS.includes(kind)) || sum !== 100)
    throw new Error(`--mix must be shares of ${KINDS.join(', ')} that come to 100, as list=80,chat=20.`)
  return mix
}

/** What the command line asks for; null where it asks for help. Throws an Error with one sentence. */
export const readOptions = (args) => {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help) return null
  const users = number(values, 'users')
  const stages = values.stages?.split(',').map(Number) ?? [...STAGES.filter((stage) => stage < users), users]
  if (stages.some((stage) => !Number.isInteger(stage) || stage < 1))
    throw new Error('--stages must be whole numbers, joined by commas.')
  if (values.url?.startsWith('https:')) throw new Error('--url must be an http address: what is measured is not TLS.')
  return {
    stages: stages.toSorted((a, b) => a - b),
    durationMs: number(values, 'duration', 3) * 1_000,
    warmUpMs: number(values, 'warm-up', 0) * 1_000,
    thinkMs: number(values, 'think', 0.01) * 1_000,
    overload: values.overload === undefined ? null : number(values, 'overload', 1),
    ...{ replicas: number(values, 'replicas'), workers: number(values, 'workers') },
    sizes: {
      organisations: number(values, 'organisations'),
      documents: number(values, 'documents'),
      chunks: number(values, 'chunks'),
    },
    ...{ mix: readMix(values.mix), model: values.model, build: values.build, url: values.url, quiet: values.json },
  }
}
