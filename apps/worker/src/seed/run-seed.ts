import { parseArgs } from 'node:util'
import { readAdapters, type Environment } from '@quarry/config'
import { seedInstallation, TransferRefusal, type SeedReport, type SeedStep } from '@quarry/core/seed'

const OPTIONS = {
  orgs: { type: 'string', default: '50' },
  documents: { type: 'string', default: '2000' },
  chunks: { type: 'string', default: '100000' },
  seed: { type: 'string', default: '1' },
  password: { type: 'string' },
  add: { type: 'boolean', default: false },
  'without-files': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const HELP = `quarry db seed

Fills an empty database with made-up organisations, people, documents and conversations, to measure and to try with.
The organisations are of very uneven sizes. The same numbers give the same rows, but for the password.
The embedded database takes a few thousand chunks; give small numbers there, with Quarry stopped.

Options:
  --orgs <n>             Organisations (50).
  --documents <n>        Documents in all of them (2000).
  --chunks <n>           Passages in all of them (100000), each with a vector of a made-up model.
  --seed <n>             Another number gives other rows (1).
  --password <password>  What everybody signs in with; else one is made up, and printed.
  --add                  Into a database that has accounts already. Take another --seed than before.
  --without-files        Leave out the documents' files: they can be searched and read, but not downloaded.
  --json                 Print one JSON object on stdout, and nothing else there.
  --help                 Show this text.

A started Quarry would make vectors of its own model for all passages; EMBEDDING_MODEL=off leaves them as they are.

Examples:
  quarry db seed --orgs 50 --documents 2000 --chunks 100000
  quarry db seed --orgs 3 --documents 20 --chunks 500
`

export interface SeedCall {
  readonly env: Environment
  readonly signal: AbortSignal
  /** Result text. */
  readonly out: (text: string) => void
  /** Where a person sees how far it is. */
  readonly progress: NodeJS.WriteStream
}

/** Runs one command line. Throws TransferRefusal with the one line that the person reads. */
export const runSeed = async (argv: readonly string[], { env, signal, out, progress }: SeedCall): Promise<void> => {
  const values = parse(argv)
  if (values.help) return out(HELP)
  const report = await seedInstallation(readAdapters(env), {
    organisations: count(values.orgs, '--orgs'),
    documents: count(values.documents, '--documents'),
    chunks: count(values.chunks, '--chunks'),
    seed: count(values.seed, '--seed'),
    add: values.add,
    files: !values['without-files'],
    ...(values.password === undefined ? {} : { password: values.password }),
    signal,
    watch: watchOn(progress),
  })
  const printed = { ...report, organisations: report.organisations.map(withOwner), credentials: credentials(report) }
  out(values.json ? `${JSON.stringify(printed, null, 2)}\n` : `${summary(report).join('\n')}\n`)
}

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values
  } catch (error) {
    throw new TransferRefusal(
      `${error instanceof Error ? error.message.split('\n')[0] : 'The options are wrong'} See: quarry db seed --help`,
    )
  }
}

const count = (text: string, name: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TransferRefusal(`${name} must be a number from 1 on. See: quarry db seed --help`)
  return value
}

/** A line this often says that it goes on. */
const INTERVAL_MS = 5_000
const DOING: Readonly<Record<SeedStep, string>> = {
  passages: 'Writing passages',
  statistics: 'Counting for the planner',
  index: 'Building the index of the vectors',
}

const watchOn = (output: NodeJS.WriteStream) => {
  let last = Number.NEGATIVE_INFINITY
  return (step: SeedStep, done: number, total: number) => {
    const now = performance.now()
    if (step === 'passages' && now - last < INTERVAL_MS) return
    last = now
    output.write(step === 'passages' ? `${DOING[step]}: ${done} of ${total}\n` : `${DOING[step]}\n`)
  }
}

const withOwner = ({ people, ...organisation }: SeedReport['organisations'][number]) => ({
  ...organisation,
  people: people.length,
  owner: people[0]?.email,
})

/** The owners of the largest and of the smallest organisation, and a member who does not see everything. */
const credentials = ({ organisations, password }: SeedReport) => {
  const [largest, smallest] = [organisations[0], organisations.at(-1)]
  return [largest?.people[0], largest?.people.find(({ role }) => role === 'member'), smallest?.people[0]].flatMap(
    (person) => (person === undefined ? [] : [{ email: person.email, role: person.role, password }]),
  )
}

const summary = (report: SeedReport): string[] => {
  const { organisations, people, documents, chunks, conversations, messages, seconds, model } = report
  const sizes = organisations.map((one) => one.chunks)
  return [
    `Done in ${Math.round(seconds.rows + seconds.statistics + seconds.index)} s: ${organisations.length} organisations (${sizes[0]} to ${sizes.at(-1)} passages), ${people} people, ${documents} documents, ${chunks} passages with vectors of ${model}, ${conversations} conversations with ${messages} messages.`,
    'Sign in as:',
    ...credentials(report).map(({ email, role, password }) => `  ${email}  ${password}  (${role})`),
  ]
}
